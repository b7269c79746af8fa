#include "simulator/server/replay.hpp"

#include "simulator/record/recording.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

namespace pbxbridge::sim {

namespace {

Replay::Clock::duration stretched(std::chrono::microseconds time, double speed) {
  return std::chrono::duration_cast<Replay::Clock::duration>(std::chrono::duration<double, std::micro>(time) / speed);
}

EventFacts without_ids(EventFacts facts) { return {std::move(facts.event_type), facts.family, {}, {}, {}}; }

}  // namespace

Result<std::size_t> Replay::add(const std::filesystem::path& file, const World& world, Dialect dialect) {
  std::ifstream input(file, std::ios::binary);
  std::error_code ignored;
  if (!input || std::filesystem::is_directory(file, ignored))
    return Error{ErrorCategory::configuration, fmt::format("{} cannot be read", file.string())};
  RecordingReader reader(input);
  std::deque<Push> pushes;
  for (;;) {
    auto message = reader.next();
    if (!message)
      return Error{ErrorCategory::configuration, fmt::format("{}: {}", file.string(), message.error().text)};
    if (!*message) break;
    auto& recorded = **message;
    auto facts = facts_of(recorded.bytes, world, dialect);
    if (!reader.has_times())
      pushes.push_back({&*facts_.insert(std::move(facts)).first, std::move(recorded.bytes)});
    else if (is_push(recorded))
      pushes.push_back({&*facts_.insert(without_ids(std::move(facts))).first, std::move(recorded.bytes),
                        recorded.binary, recorded.after});
  }
  std::ranges::move(pushes, std::back_inserter(pushes_));
  return pushes.size();
}

std::optional<Replay::Clock::duration> Replay::until_next(Clock::time_point now) {
  const auto& after = pushes_.front().after;
  if (!after) return std::nullopt;
  if (!began_) began_ = now - stretched(*after, speed_);
  return *began_ + stretched(*after, speed_) - now;
}

Replay::Push Replay::take() {
  auto push = std::move(pushes_.front());
  pushes_.pop_front();
  if (pushes_.empty()) began_.reset();
  return push;
}

}  // namespace pbxbridge::sim
