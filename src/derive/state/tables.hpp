#pragma once

#include "derive/state/pbx_watch.hpp"
#include "derive/state/row_key.hpp"
#include "derive/state/rows.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace pbxbridge::derive::state {

/// Part of a row that is kept in memory alone. `seen`: stretch (pbx_watch.hpp) of the latest event that shows it to
/// exist; 0 for a row that was read from the spool.
struct Extension {
  ExtensionRow row;
  Stretch seen = 0;
};
struct Call {
  CallRow row;
  Stretch seen = 0;
};
/// The latest event that named an agent or a caller.
struct Naming {
  std::uint64_t pass = 0;  ///< its number among those about the queue
  Stretch stretch = 0;     ///< 0: of an earlier process
};
struct Agent {
  AgentRow row;
  Naming named;
};
struct Caller {
  CallerRow row;
  Naming named;
};

/// Follows from the agents and callers of a queue.
struct QueueCounts {
  std::array<std::uint64_t, enum_count<AgentState>> agents{};
  std::uint64_t waiting = 0;    ///< on the line
  std::uint64_t callbacks = 0;  ///< wait to be called back
  bool operator==(const QueueCounts&) const = default;
};

struct Queue {
  QueueRow row;
  Stretch seen = 0;
  std::map<std::string, Agent, std::less<>> agents;    ///< by extension
  std::map<std::string, Caller, std::less<>> callers;  ///< by session
  QueueCounts counts;
  std::uint64_t last_pass = 0;  ///< number of the latest event about it

  /// The longest among those on the line; 0: nobody is.
  Seconds longest_wait_since() const;
};

/// Finds texts without making a std::string of them.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

/// The latest calls that have ended, by hashes of their names: what still comes of one begins it no more. Of this
/// process alone.
class EndedCalls {
 public:
  void add(std::string_view name) {
    hashes_[next_] = TextHash()(name);
    next_ = (next_ + 1) % hashes_.size();
  }
  bool contains(std::string_view name) const { return std::ranges::find(hashes_, TextHash()(name)) != hashes_.end(); }

 private:
  std::array<std::size_t, 4096> hashes_{};
  std::size_t next_ = 0;
};

template <class T>
using ByName = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;

/// The rows of all tables, by the names of row_key.hpp. All changes go through `exchange`, so that counts and sizes
/// follow.
class Tables {
 public:
  const ByName<Extension>& extensions() const { return extensions_; }
  const ByName<Queue>& queues() const { return queues_; }
  const ByName<Call>& calls() const { return calls_; }
  EndedCalls& ended_calls() { return ended_calls_; }
  /// Names of the queues in which that extension is an agent; `name`: as of its row, which need not be there. Valid
  /// until an agent comes or goes.
  std::span<const std::string* const> queues_of(std::string_view name) const {
    const auto found = queues_of_agents_.find(name);
    return found == queues_of_agents_.end() ? std::span<const std::string* const>() : found->second;
  }
  /// Null where there is none. Valid until that row is removed.
  Extension* extension(std::string_view name) { return find(extensions_, name); }
  Queue* queue(std::string_view name) { return find(queues_, name); }
  Call* call(std::string_view name) { return find(calls_, name); }

  /// Puts the row in place of what was there, which is returned. No row removes it. The queue of an agent or caller
  /// must exist, and be removed after them.
  Row exchange(TableKind kind, std::string_view name, Row row);
  /// Null: none of that name.
  bool has(TableKind kind, std::string_view name) const;
  /// The bytes of a row (row_codec.hpp); nothing where there is none of that name.
  std::optional<std::string> encoded(TableKind kind, std::string_view name) const;

  std::size_t size(TableKind kind) const { return sizes_[static_cast<std::size_t>(kind)]; }
  /// Bytes of all rows with their keys, as they are stored.
  std::size_t bytes() const { return bytes_; }

 private:
  template <class T>
  static T* find(ByName<T>& table, std::string_view name) {
    const auto found = table.find(name);
    return found == table.end() ? nullptr : &found->second;
  }
  Row exchange_agent(std::string_view name, Row row);
  void note_agent(const std::string& queue_name, std::string_view extension, bool is_there);
  Row exchange_caller(std::string_view name, Row row);

  ByName<Extension> extensions_;
  ByName<Queue> queues_;
  ByName<Call> calls_;
  ByName<std::vector<const std::string*>> queues_of_agents_;  // by extension; keys of queues_, which do not move
  EndedCalls ended_calls_;
  std::array<std::size_t, enum_count<TableKind>> sizes_{};
  std::size_t bytes_ = 0;
};

}  // namespace pbxbridge::derive::state
