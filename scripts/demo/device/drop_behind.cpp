// Makes a database's own buffers its only cache: preloaded into PostgreSQL, it drops what was read from the operating
// system's page cache.
//
//   LD_PRELOAD=.../drop_behind.so postgres -D ...
//
// On a developer's machine the page cache holds all data, so that no read reaches the device, whatever the plan. A
// production server with far more data than memory does read. With shared_buffers as the only cache the device's
// counters say what each plan costs, and readahead and its merging of reads stay as they are, which direct I/O
// (debug_io_direct) would lose.
//
// What a file was read for is dropped by posix_fadvise(POSIX_FADV_DONTNEED): behind a sequential read each 512 KiB, and
// after a jump the 512 KiB up to where it jumped from. Not just the blocks themselves: the kernel caches in folios of
// many pages, and frees one only when all of it lies in the range. So at most 512 KiB of a file stay in the page cache
// for each backend that reads it.
//
// PostgreSQL's processes have one thread each; another thread here would only drop another range.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>

namespace {

constexpr off_t dropped_bytes = 512 * 1024;
constexpr std::size_t block_size = 8192;  // reads of whole blocks are those of relations

constexpr int files_max = 4096;

// Where the sequential read of a descriptor began, or what was dropped last ends, and where it stands.
struct Run {
  off_t begin = 0;
  off_t end = 0;
};
Run runs[files_max];

// And as much in front, for the folio across `begin`, of which only a part could be dropped the last time.
void drop_range(int file, const Run& run) {
  const int error = errno;
  const off_t begin = run.begin > dropped_bytes ? run.begin - dropped_bytes : 0;
  (void)posix_fadvise(file, begin, run.end - begin, POSIX_FADV_DONTNEED);
  errno = error;
}

void drop(int file, off_t offset, ssize_t count) {
  if (count <= 0 || static_cast<std::size_t>(count) % block_size != 0 || file < 0 || file >= files_max) return;
  Run& run = runs[file];
  if (offset != run.end) {
    // A descriptor that was closed and opened anew drops a range of another file: harmless.
    if (run.end > run.begin) drop_range(file, run);
    run.begin = offset;
  }
  run.end = offset + count;
  if (run.end - run.begin >= dropped_bytes) {
    drop_range(file, run);
    run.begin = run.end;
  }
}

template <typename Function>
Function next(std::atomic<Function>& cached, const char* name) {
  Function found = cached.load(std::memory_order_relaxed);
  if (found == nullptr) {
    found = reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
    cached.store(found, std::memory_order_relaxed);
  }
  return found;
}

using Pread = ssize_t (*)(int, void*, std::size_t, off_t);
using Preadv = ssize_t (*)(int, const iovec*, int, off_t);
std::atomic<Pread> real_pread{nullptr};
std::atomic<Pread> real_pread64{nullptr};
std::atomic<Preadv> real_preadv{nullptr};
std::atomic<Preadv> real_preadv64{nullptr};

}  // namespace

extern "C" {

__attribute__((visibility("default"))) ssize_t pread(int file, void* out, std::size_t size, off_t offset) {
  const ssize_t count = next(real_pread, "pread")(file, out, size, offset);
  drop(file, offset, count);
  return count;
}

__attribute__((visibility("default"))) ssize_t pread64(int file, void* out, std::size_t size, off64_t offset) {
  const ssize_t count = next(real_pread64, "pread64")(file, out, size, offset);
  drop(file, offset, count);
  return count;
}

__attribute__((visibility("default"))) ssize_t preadv(int file, const iovec* parts, int count, off_t offset) {
  const ssize_t read = next(real_preadv, "preadv")(file, parts, count, offset);
  drop(file, offset, read);
  return read;
}

__attribute__((visibility("default"))) ssize_t preadv64(int file, const iovec* parts, int count, off64_t offset) {
  const ssize_t read = next(real_preadv64, "preadv64")(file, parts, count, offset);
  drop(file, offset, read);
  return read;
}

}  // extern "C"
