#pragma once

#include "readers/account.hpp"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace pbxbridge::bench {

// Everything of a reader but the source of its messages. It says `ready`, then `arrived N` while messages come, and on
// `judge` (or `judge LEDGER`, for latencies) one line of JSON.

struct ReaderOptions {
  std::filesystem::path events;
  bool live = false;
  bool cloudevents = false;
};

/// Source of messages.
class Source {
 public:
  Source() = default;
  virtual ~Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  /// Looks for messages, after a while or as they come. How many have arrived so far; what was read of them is in the
  /// account.
  virtual std::uint64_t look(Account& account) = 0;

  /// Reads those that have only been counted.
  virtual void read_rest(Account& account) = 0;
};

/// Does what the runner says, until the judgement.
void serve(Source& source, const ReaderOptions& options);

/// The whole of a reader's main(): with the options that all readers have, and those that `app` has already.
int reader_main(CLI::App& app, ReaderOptions& options, int argument_count, char** arguments,
                const std::function<void()>& run);

}  // namespace pbxbridge::bench
