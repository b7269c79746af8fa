#include "spool/store/rocksdb/database_writer.hpp"

#include "spool/store/storage_cause.hpp"

namespace pbxbridge::spool {

Result<void> DatabaseWriter::apply(rocksdb::WriteBatch& batch, bool sync) {
  if (broken_) return *broken_;
  rocksdb::WriteOptions options;
  options.sync = sync;
  if (const auto status = database_.rocksdb->Write(options, &batch); !status.ok())
    return fail("cannot write to the spool", status);
  return {};
}

Result<void> DatabaseWriter::fail(std::string_view what, const rocksdb::Status& status) {
  broken_ = storage_error(what, status);
  return *broken_;
}

}  // namespace pbxbridge::spool
