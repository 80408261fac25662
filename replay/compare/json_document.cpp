#include "replay/compare/json_document.hpp"

#include <array>
#include <boost/json/parser.hpp>
#include <new>

namespace understudy {

void* LimitedHeap::do_allocate(std::size_t bytes, std::size_t alignment) {
  if (bytes > limit_ - used_) throw std::bad_alloc();
  void* const block = ::operator new(bytes, std::align_val_t(alignment));
  used_ += bytes;
  return block;
}

void LimitedHeap::do_deallocate(void* block, std::size_t bytes, std::size_t alignment) {
  ::operator delete(block, std::align_val_t(alignment));
  used_ -= bytes;
}

JsonArena::JsonArena()
    : buffer_(std::make_unique_for_overwrite<unsigned char[]>(kept)), resource_(buffer_.get(), kept, &heap_) {}

const boost::json::value* JsonArena::parse(std::string_view text) {
  LimitedHeap stack(json_memory_max);
  std::array<unsigned char, 4096> first_stack;
  boost::json::parse_options options;
  options.max_depth = json_nesting_max;
  try {
    boost::json::parser parser(&stack, options, first_stack.data(), first_stack.size());
    parser.reset(&resource_);
    boost::json::error_code error;
    parser.write(text.data(), text.size(), error);
    if (error) return nullptr;
    // The value lies in the arena like all below it: nobody destroys it, clear() takes its memory back.
    return new (resource_.allocate(sizeof(boost::json::value), alignof(boost::json::value)))
        boost::json::value(parser.release());
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

void JsonArena::clear() { resource_.release(); }

}  // namespace understudy
