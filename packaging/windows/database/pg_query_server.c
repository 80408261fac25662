// What libpg_query's parser names of a PostgreSQL server and its sources lack on Windows. Two of its files would have part of
// it, the postmaster and the settings, and do not compile there. Parsing calls none of these functions: they belong to the
// server's log, signals and encodings.
#include "postgres.h"

#include "libpq/pqsignal.h"
#include "mb/pg_wchar.h"
#include "postmaster/postmaster.h"
#include "utils/elog.h"
#include "utils/guc.h"

// With the values that the server's settings have.
__thread bool ClientAuthInProgress = false;
__thread bool check_function_bodies = true;
__thread int client_min_messages = NOTICE;
__thread int log_min_messages = WARNING;
__thread char* backtrace_functions = NULL;
__thread char* backtrace_symbol_list = NULL;
char* event_source = NULL;

// No signal ever waits.
volatile int pg_signal_queue = 0;
int pg_signal_mask = 0;
void pgwin32_dispatch_queued_signals(void) {}

// Everything is UTF-8, nobody logs, nobody waits for a lock.
int GetMessageEncoding(void) { return PG_UTF8; }
int pg_codepage_to_encoding(UINT codepage) { return -1; }
unsigned char* pg_do_encoding_conversion(unsigned char* text, int length, int from, int to) { return text; }
bool IsTransactionState(void) { return false; }
int pgwin32_is_service(void) { return 0; }
void write_console(const char* line, int length) {}
void pg_usleep(long microseconds) {}
