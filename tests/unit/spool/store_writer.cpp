#include "store_writer.hpp"

#include "numbered_events.hpp"
#include "pbxbridge/event.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace pbxbridge::spool {

std::unique_ptr<BatchStore> open_store(const std::filesystem::path& directory, BatchStore::Access access) {
  auto store = BatchStore::open(directory, access);
  if (!store) throw std::runtime_error(store.error().text);
  return std::move(store.value());
}

StoreWriter::StoreWriter(const std::filesystem::path& directory)
    : store_(open_store(directory)), segments_(store_->segments()), next_(Sequence::first_of(store_->start_epoch())) {}

Commit StoreWriter::commit_of(std::uint64_t first, std::uint64_t count, std::size_t payload_size) {
  Commit commit;
  for (std::uint64_t number = first; number < first + count; ++number) {
    commit.events.push_back(accepted_event(number, next_, store_->id(), payload_size));
    next_ = next_.next();
  }
  return commit;
}

void StoreWriter::write(Commit commit, bool sync) {
  commit.closed_segments = std::exchange(closed_, {});
  const auto written = store_->write(commit, sync);
  ASSERT_TRUE(written) << written.error().text;
  if (commit.events.empty()) return;
  const Event& first = *commit.events.front();
  const Event& last = *commit.events.back();
  if (const auto closed =
          segments_.add({first.sequence(), last.sequence(), *written, first.received_at(), last.received_at()}))
    closed_.push_back(*closed);
}

void StoreWriter::append(std::uint64_t first, std::uint64_t count, std::size_t per_batch, std::size_t payload_size) {
  for (std::uint64_t done = 0; done < count; done += per_batch)
    write(commit_of(first + done, std::min<std::uint64_t>(per_batch, count - done), payload_size), false);
}

void StoreWriter::remove_up_to(Sequence position) {
  Commit commit;
  commit.removed_segments = segments_.remove_up_to(position);
  write(std::move(commit));
}

BatchStore::Chunk read_all(const BatchStore& store, Sequence position, std::size_t chunk_bytes) {
  BatchStore::Chunk all;
  for (int rounds = 0; !all.at_end; ++rounds) {
    if (rounds > 100'000) {
      ADD_FAILURE() << "reading does not end";
      break;
    }
    auto chunk = store.read(position, chunk_bytes);
    if (!chunk) {
      ADD_FAILURE() << chunk.error().text;
      break;
    }
    if (chunk->events.empty() && !chunk->at_end) {
      ADD_FAILURE() << "a chunk without events that is not the end";
      break;
    }
    for (auto& event : chunk->events) {
      EXPECT_GT(event->sequence(), position) << "not in order";
      position = event->sequence();
      all.events.push_back(std::move(event));
    }
    all.damages.insert(all.damages.end(), chunk->damages.begin(), chunk->damages.end());
    all.at_end = chunk->at_end;
  }
  return all;
}

std::vector<std::int64_t> numbers_of(const std::vector<EventPtr>& events) {
  std::vector<std::int64_t> found;
  for (const auto& event : events) found.push_back(number_of(*event));
  return found;
}

std::vector<std::int64_t> numbers(std::int64_t first, std::int64_t count) {
  std::vector<std::int64_t> made(static_cast<std::size_t>(count));
  std::iota(made.begin(), made.end(), first);
  return made;
}

std::uint64_t directory_bytes(const std::filesystem::path& directory, std::string_view extension) {
  std::uint64_t bytes = 0;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory, ignored))
    if (entry.is_regular_file(ignored) && (extension.empty() || entry.path().extension() == extension))
      bytes += entry.file_size(ignored);
  return bytes;
}

}  // namespace pbxbridge::spool
