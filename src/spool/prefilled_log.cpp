#include "spool/prefilled_log.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace pbxbridge::spool {

namespace {

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
    const IOStatus status = target()->PositionedAppend(data, size_, options, debug);
    if (status.ok()) size_ += data.size();
    return status;
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    const IOStatus status = target()->Truncate(size, options, debug);
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
  /// Where there is no room for zeros, there may be for the data: without them it is only slower.
  void fill_ahead(std::uint64_t size, const IOOptions& options, IODebugContext* debug) {
    if (size_ + size <= filled_) return;
    const std::uint64_t from = std::max(filled_, size_ + size);
    if (target()->PositionedAppend(zeros(), from, options, debug).ok()) filled_ = from + fill_bytes;
  }

  std::uint64_t size_ = 0;    // of what was written
  std::uint64_t filled_ = 0;  // bytes that are there
};

class FileSystemWithPrefilledLogs final : public rocksdb::FileSystemWrapper {
 public:
  using FileSystemWrapper::FileSystemWrapper;

  const char* Name() const override { return "FileSystemWithPrefilledLogs"; }

  IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* debug) override {
    IOStatus status = target()->NewWritableFile(name, options, file, debug);
    if (status.ok() && std::string_view(name).ends_with(".log"))
      *file = std::make_unique<PrefilledLog>(std::move(*file));
    return status;
  }
};

}  // namespace

std::shared_ptr<rocksdb::FileSystem> file_system_with_prefilled_logs() {
  return std::make_shared<FileSystemWithPrefilledLogs>(rocksdb::FileSystem::Default());
}

}  // namespace pbxbridge::spool
