#include "open_spool.hpp"

#include "numbered_events.hpp"
#include "pbxbridge/event.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace pbxbridge::spool {

OpenSpool::OpenSpool(const config::SpoolConfig& config)
    : log_(observe::LogFormat::json, [this](const std::string& line) {
        const std::lock_guard lock(lines_mutex_);
        lines_.push_back(line);
      }) {
  auto opened = DiskSpool::open(io_, config, log_, metrics_.spool());
  if (!opened) throw std::runtime_error(opened.error().text);
  spool_ = std::move(opened.value());
  spool_->set_on_drop([this](const Drop& drop) { dropped_[{drop.cursor, drop.reason}] += drop.events; });
  spool_->set_on_room([this] { had_room_ = true; });
}

bool OpenSpool::run_until(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    io_.restart();
    io_.run_one_for(std::chrono::milliseconds(5));
  }
  return true;
}

void OpenSpool::run_what_is_due() {
  io_.restart();
  io_.poll();
}

void OpenSpool::append(std::uint64_t first, std::uint64_t count, std::size_t payload_size) {
  for (std::uint64_t number = first; number < first + count; ++number) {
    auto event = numbered_event(number, payload_size);
    ASSERT_TRUE(run_until([this] { return spool_->has_room(); }));
    ASSERT_FALSE(spool_->append(event)) << "event " << number;
  }
}

void OpenSpool::append_and_commit(std::uint64_t first, std::uint64_t count, std::size_t payload_size) {
  append(first, count, payload_size);
  flush();
}

std::uint64_t OpenSpool::redrive(const std::string& sink) {
  std::optional<std::uint64_t> letters;
  spool_->letters().redrive(sink, "", [&letters](const Result<std::uint64_t>& marked) { letters = marked.value(); });
  EXPECT_TRUE(run_until([&letters] { return letters.has_value(); }));
  return letters.value_or(0);
}

std::vector<DeadLetter> OpenSpool::take_redriven(const std::string& sink) {
  const auto is_read = [&] { return !spool_->letters().is_reading(sink); };
  while (true) {
    auto letters = spool_->letters().take_redriven(sink);
    if (!letters.empty() || is_read()) return letters;
    EXPECT_TRUE(run_until(is_read));
  }
}

std::uint64_t OpenSpool::drop_letters(const std::string& sink) {
  std::optional<std::uint64_t> letters;
  spool_->letters().drop(sink, "", [&letters](const Result<std::uint64_t>& dropped) { letters = dropped.value(); });
  EXPECT_TRUE(run_until([&letters] { return letters.has_value(); }));
  return letters.value_or(0);
}

void OpenSpool::flush() {
  bool done = false;
  spool_->flush(std::chrono::seconds(20), [&done](bool flushed) {
    EXPECT_TRUE(flushed);
    done = true;
  });
  ASSERT_TRUE(run_until([&done] { return done; }));
}

std::vector<std::int64_t> OpenSpool::read_all(CursorId cursor) {
  std::vector<std::int64_t> numbers;
  std::vector<EventPtr> events;
  const bool all = run_until([&] {
    spool_->read(cursor, 1000, events);
    for (const auto& event : events) {
      EXPECT_GT(event->sequence(), last_read_[cursor]) << "not in order";
      last_read_[cursor] = event->sequence();
      numbers.push_back(number_of(*event));
    }
    return events.empty() && spool_->unread(cursor) == 0;
  });
  EXPECT_TRUE(all) << "cursor " << cursor << " has " << spool_->unread(cursor) << " events still to read";
  return numbers;
}

std::vector<EventPtr> OpenSpool::read_events(CursorId cursor, std::size_t count) {
  auto events = read_up_to(cursor, count);
  EXPECT_EQ(events.size(), count);
  return events;
}

std::vector<EventPtr> OpenSpool::read_up_to(CursorId cursor, std::size_t count) {
  std::vector<EventPtr> all;
  std::vector<EventPtr> events;
  EXPECT_TRUE(run_until([&] {
    spool_->read(cursor, count - all.size(), events);
    all.insert(all.end(), events.begin(), events.end());
    return all.size() == count || spool_->unread(cursor) == 0;
  }));
  return all;
}

std::uint64_t OpenSpool::drain(CursorId cursor) {
  std::uint64_t count = 0;
  std::vector<EventPtr> events;
  EXPECT_TRUE(run_until([&] {
    spool_->read(cursor, 500, events);
    count += events.size();
    if (!events.empty()) spool_->acknowledge(cursor, events.back()->sequence());
    return events.empty() && spool_->unread(cursor) == 0;
  }));
  return count;
}

namespace {

/// Some may go meanwhile.
std::set<std::filesystem::path> files_of(const std::filesystem::path& directory) {
  std::set<std::filesystem::path> files;
  std::error_code gone;
  for (std::filesystem::recursive_directory_iterator file(directory, gone), end; file != end; file.increment(gone))
    files.insert(file->path());
  return files;
}

}  // namespace

bool OpenSpool::log_has(const std::string& text) const {
  const std::lock_guard lock(lines_mutex_);
  for (const auto& line : lines_)
    if (line.find(text) != std::string::npos) return true;
  return false;
}

void copy_spool(const std::filesystem::path& from, const std::filesystem::path& to) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (std::chrono::steady_clock::now() < deadline) {
    std::filesystem::remove_all(to);
    const auto before = files_of(from);
    std::error_code failed;
    std::filesystem::copy(from, to, std::filesystem::copy_options::recursive, failed);
    if (!failed && files_of(from) == before) return;
  }
  throw std::runtime_error("the files of " + from.string() + " do not stay as they are");
}

}  // namespace pbxbridge::spool
