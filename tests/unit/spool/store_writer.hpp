#pragma once

#include "spool/store/batch_store.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace pbxbridge::spool {

/// A store, and the numbered events that are written to it as the spool would write them: segments are closed with the
/// commit that follows.
class StoreWriter {
 public:
  /// Throws where the store does not open.
  explicit StoreWriter(const std::filesystem::path& directory);

  BatchStore& store() { return *store_; }
  BatchStore* operator->() { return store_.get(); }

  /// Writes the events with the numbers from `first` on, `per_batch` in a commit.
  void append(std::uint64_t first, std::uint64_t count, std::size_t per_batch = 50, std::size_t payload_size = 200);
  /// Makes the commit of `append`, for the caller to fill with more.
  Commit commit_of(std::uint64_t first, std::uint64_t count, std::size_t payload_size = 200);
  void write(Commit commit, bool sync = true);
  /// Removes whole segments up to there, with a commit of its own.
  void remove_up_to(Sequence position);

  const SegmentIndex& segments() const { return segments_; }
  Sequence next() const { return next_; }

 private:
  std::unique_ptr<BatchStore> store_;
  SegmentIndex segments_;
  std::vector<Segment> closed_;
  Sequence next_;
};

/// All events after `position`, over chunks of `chunk_bytes`, with what is told to be damaged. Fails the test where
/// reading does not end, or what is read is not in order.
BatchStore::Chunk read_all(const BatchStore& store, Sequence position = {}, std::size_t chunk_bytes = 64 * 1024);

/// The numbers of the events, -1 for one that is not as it was made.
std::vector<std::int64_t> numbers_of(const std::vector<EventPtr>& events);
/// first, first + 1, ...
std::vector<std::int64_t> numbers(std::int64_t first, std::int64_t count);

std::unique_ptr<BatchStore> open_store(const std::filesystem::path& directory,
                                       BatchStore::Access access = BatchStore::Access::write);

/// Size of all files in there, or of those with that extension.
std::uint64_t directory_bytes(const std::filesystem::path& directory, std::string_view extension = {});

}  // namespace pbxbridge::spool
