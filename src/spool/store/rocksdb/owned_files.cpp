#include "spool/store/rocksdb/owned_files.hpp"

#include "spool/store/file_owner.hpp"

#include <filesystem>
#include <string>

namespace pbxbridge::spool {

namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

class FileSystemWithOwnedFiles final : public rocksdb::FileSystemWrapper {
 public:
  using FileSystemWrapper::FileSystemWrapper;

  const char* Name() const override { return "FileSystemWithOwnedFiles"; }

  IOStatus NewWritableFile(const std::string& name, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* debug) override {
    return owned(name, target()->NewWritableFile(name, options, file, debug));
  }
  IOStatus ReopenWritableFile(const std::string& name, const FileOptions& options,
                              std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* debug) override {
    return owned(name, target()->ReopenWritableFile(name, options, file, debug));
  }
  IOStatus NewRandomRWFile(const std::string& name, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSRandomRWFile>* file, IODebugContext* debug) override {
    return owned(name, target()->NewRandomRWFile(name, options, file, debug));
  }
  IOStatus CreateDir(const std::string& name, const IOOptions& options, IODebugContext* debug) override {
    return owned(name, target()->CreateDir(name, options, debug));
  }
  IOStatus LockFile(const std::string& name, const IOOptions& options, rocksdb::FileLock** lock,
                    IODebugContext* debug) override {
    return owned(name, target()->LockFile(name, options, lock, debug));
  }

 private:
  static IOStatus owned(const std::string& name, IOStatus status) {
    if (status.ok()) give_to_owner_of(std::filesystem::path(name).parent_path(), name);
    return status;
  }
};

}  // namespace

std::shared_ptr<rocksdb::FileSystem> file_system_with_owned_files() {
  return std::make_shared<FileSystemWithOwnedFiles>(rocksdb::FileSystem::Default());
}

}  // namespace pbxbridge::spool
