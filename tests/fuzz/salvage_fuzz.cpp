// Readers of a salvage, for damaged tables and logs. The first byte says as what the others are read. Whatever they
// are, nothing is read beyond them, and an event's record that is found is whole.

#include "check.hpp"
#include "spool/log/crc32c.hpp"
#include "spool/log/record.hpp"
#include "spool/salvage/event_records.hpp"
#include "spool/salvage/log_entries.hpp"
#include "spool/salvage/table_entries.hpp"
#include "spool/salvage/table_format.hpp"

#include <cstring>

namespace {

using namespace pbxbridge::spool;

class Reader final : public salvage::EntryVisitor {
 public:
  void entry(const salvage::StoredEntry& entry) override { read(entry.key, entry.value); }
  void doubtful_entry(const salvage::StoredEntry& entry) override { read(entry.key, entry.value); }
  void unreadable(std::string_view bytes) override { find(bytes); }

  static void find(std::string_view bytes) {
    salvage::find_event_records(bytes, [](std::string_view record) {
      std::uint32_t crc = 0;
      std::memcpy(&crc, record.data() + sizeof crc, sizeof crc);
      pbxbridge::fuzz::check(crc32c(record.substr(record_header_size)) == crc, "a record that is found is whole");
      read(record, {});
    });
  }

 private:
  static void read(std::string_view key, std::string_view value) {
    for (const std::string_view bytes : {key, value})
      for (const char byte : bytes) sum_ = sum_ + static_cast<unsigned char>(byte);
  }
  static inline volatile std::uint64_t sum_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes = pbxbridge::fuzz::text_of(data + 1, size - 1);
  Reader reader;
  switch (data[0] % 4) {
    case 0:
      salvage::read_table(bytes, reader);
      break;
    case 1:
      salvage::read_log(bytes, reader);
      break;
    case 2:
      Reader::find(bytes);
      break;
    default:
      salvage::frame_holds(bytes, bytes.size());
  }
  return 0;
}
