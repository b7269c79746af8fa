#pragma once

#include "simulator/model/topic.hpp"
#include "simulator/record/line_file.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace pbxbridge::sim {

/// A file of JSON lines that says what was pushed to whom and when, and what the clients did, in the order in which it
/// happened. Each line is in the file (one write(2)) before the frame is handed to the socket, so a reader of the file
/// knows every event that a client can have; one may be in the file that the client never read. Lines:
///   {"client":1,"time_us":1764000000000000,"sequence":7,"topic":"cdr_events","bytes":312,"xxh128":"..."}
///   {"client":1,"time_us":1764000000000000,"what":"subscribed cdr_events"}
///   {"time_us":1764000000000000,"unheard":{"event_type":"call_cdr",...}}
///   {"time_us":1764000000000000,"state":{"event_type":"queue_status",...}}
/// `sequence` counts the pushes to all clients from 1; `topic` is the granted subscription that entitled the client,
/// empty where there was none (`push-all`); `time_us` is UNIX time in microseconds. Io thread only.
class Ledger {
 public:
  /// Overwrites the file. Throws std::system_error where it cannot.
  explicit Ledger(const std::filesystem::path& file);

  /// Number of the next push.
  std::uint64_t next_sequence() const { return last_sequence_ + 1; }
  /// `topic` null: not entitled by a subscription. Throws std::system_error, as `happened` does, where the line cannot
  /// be written: nothing may be pushed without it.
  void pushed(std::uint64_t client, std::string_view frame, const Topic* topic);
  void happened(std::uint64_t client, std::string_view what);
  /// An event, a JSON object, that no client was entitled to.
  void unheard(std::string_view event);
  /// A part of the model's state, a JSON object.
  void state(std::string_view part);

 private:
  void of_model(std::string_view what, std::string_view object) const;

  LineFile file_;
  std::uint64_t last_sequence_ = 0;
};

/// The event with one field more, `"event_number":N`, by which no two of the made-up ones are the same: a phone may
/// begin to ring twice in a second. `event` is a JSON object that is not empty.
std::string with_number(std::string_view event, std::uint64_t number);

}  // namespace pbxbridge::sim
