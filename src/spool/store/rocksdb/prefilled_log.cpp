#include "spool/store/rocksdb/prefilled_log.hpp"

#include "spool/store/rocksdb/hidden_damage.hpp"
#include "spool/store/rocksdb/log_tail.hpp"
#include "spool/store/rocksdb/newest_log.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace pbxbridge::spool {

namespace {

namespace fs = std::filesystem;

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

/// Many small commits, and few bytes to write twice.
constexpr std::uint64_t fill_bytes = 256 * 1024;

const std::string& zeros() {
  static const std::string text(fill_bytes, '\0');
  return text;
}

class PrefilledLog final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  using FSWritableFileOwnerWrapper::FSWritableFileOwnerWrapper;

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    fill_ahead(data.size(), options, debug);
    IOStatus status = target()->PositionedAppend(data, size_, options, debug);
    if (status.ok()) size_ += data.size();
    return status;
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    IOStatus status = target()->Truncate(size, options, debug);
    if (status.ok()) size_ = filled_ = size;
    return status;
  }
  IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
    if (filled_ > size_)
      if (IOStatus status = Truncate(size_, options, debug); !status.ok()) return status;
    return target()->Close(options, debug);
  }
  std::uint64_t GetFileSize(const IOOptions&, IODebugContext*) override { return size_; }

 private:
  /// A disk without room for zeros may have room for the data: without zeros it is only slower.
  void fill_ahead(std::uint64_t size, const IOOptions& options, IODebugContext* debug) {
    if (size_ + size <= filled_) return;
    const std::uint64_t from = std::max(filled_, size_ + size);
    if (target()->PositionedAppend(zeros(), from, options, debug).ok()) filled_ = from + fill_bytes;
  }

  std::uint64_t size_ = 0;    // size of what was written
  std::uint64_t filled_ = 0;  // bytes that are there
};

/// The first so many bytes of a file.
class ShortenedFile final : public rocksdb::FSSequentialFileOwnerWrapper {
 public:
  ShortenedFile(std::unique_ptr<rocksdb::FSSequentialFile>&& file, std::uint64_t size)
      : FSSequentialFileOwnerWrapper(std::move(file)), left_(size) {}

  IOStatus Read(std::size_t size, const IOOptions& options, Slice* result, char* scratch,
                IODebugContext* debug) override {
    IOStatus status = target()->Read(std::min<std::uint64_t>(size, left_), options, result, scratch, debug);
    if (status.ok()) left_ -= result->size();
    return status;
  }
  IOStatus Skip(std::uint64_t size) override {
    const std::uint64_t skipped = std::min(size, left_);
    left_ -= skipped;
    return target()->Skip(skipped);
  }

 private:
  std::uint64_t left_;
};

bool is_log(const fs::path& file) { return file.extension() == ".log"; }
bool is_manifest(const fs::path& file) { return file.filename().string().starts_with("MANIFEST-"); }

/// Returns nothing where it cannot be read.
std::optional<std::string> content_of(const fs::path& file) {
  std::error_code unknown;
  const auto size = fs::file_size(file, unknown);
  std::ifstream in(file, std::ios::binary);
  if (unknown || !in) return std::nullopt;
  std::string content(size, '\0');
  in.read(content.data(), static_cast<std::streamsize>(size));
  if (in.bad()) return std::nullopt;
  content.resize(static_cast<std::size_t>(in.gcount()));
  return content;
}

bool holds_anything(const fs::path& log) {
  const auto content = content_of(log);
  return !content || content->find_first_not_of('\0') != std::string::npos;
}

/// Logs are named by numbers, of six digits or more.
bool is_newer(const fs::path& log, const fs::path& other) {
  const std::string name = log.filename().string();
  const std::string other_name = other.filename().string();
  return name.size() != other_name.size() ? name.size() > other_name.size() : name > other_name;
}

/// Returns whether no other log of its store holds anything that was written later.
bool is_last_written(const fs::path& log) {
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(log.parent_path(), failed))
    if (is_log(entry.path()) && is_newer(entry.path(), log) && holds_anything(entry.path())) return false;
  return !failed;
}

class FileSystemWithPrefilledLogs final : public rocksdb::FileSystemWrapper {
 public:
  using FileSystemWrapper::FileSystemWrapper;

  const char* Name() const override { return "FileSystemWithPrefilledLogs"; }

  IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* debug) override {
    IOStatus status = target()->NewWritableFile(name, options, file, debug);
    if (status.ok() && is_log(name)) {
      *file = std::make_unique<PrefilledLog>(std::move(*file));
      note_newest_log(name);
    }
    return status;
  }
  IOStatus NewSequentialFile(const std::string& name, const rocksdb::FileOptions& options,
                             std::unique_ptr<rocksdb::FSSequentialFile>* file, IODebugContext* debug) override {
    IOStatus status = target()->NewSequentialFile(name, options, file, debug);
    if (!status.ok() || (!is_log(name) && !is_manifest(name))) return status;
    const auto content = content_of(name);
    if (!content) return status;
    if (hides_damage(*content)) return IOStatus::Corruption("a record is damaged", name);
    if (is_log(name) && is_last_written(name))
      *file = std::make_unique<ShortenedFile>(std::move(*file), readable_size(*content));
    return status;
  }
};

}  // namespace

std::shared_ptr<rocksdb::FileSystem> file_system_with_prefilled_logs(std::shared_ptr<rocksdb::FileSystem> target) {
  return std::make_shared<FileSystemWithPrefilledLogs>(std::move(target));
}

}  // namespace pbxbridge::spool
