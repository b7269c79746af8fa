#include "spool/salvage/salvaged_store.hpp"

#include "spool/gaps/gap.hpp"
#include "spool/log/packed_batch.hpp"
#include "spool/log/record.hpp"
#include "spool/log/segment_codec.hpp"
#include "spool/salvage/log_entries.hpp"
#include "spool/salvage/missing_events.hpp"
#include "spool/salvage/rebuilt_store.hpp"
#include "spool/salvage/store_files.hpp"
#include "spool/salvage/table_entries.hpp"
#include "spool/store/format_check.hpp"
#include "spool/store/rocksdb/store_reading.hpp"
#include "spool/store/storage_cause.hpp"
#include "spool/store/store_keys.hpp"
#include "spool/store/unreported_damage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace pbxbridge::spool::salvage {

namespace {

/// Start epochs to leave out where those that were given are not known: a spool does not start so often between two
/// commits.
constexpr std::uint32_t lost_epochs = 1000;
/// Size of one write, which is that of a commit.
constexpr std::size_t batch_bytes = std::size_t{1024} * 1024;
constexpr std::size_t batch_records = 512;

class Salvage {
 public:
  Salvage(const SalvageOrder& order, const Database& target) : order_(order), target_(target), rebuilt_(target) {}

  Result<Salvaged> carry_out() {
    auto files = store_files(order_.from);
    if (!files) return files.error();
    const std::uint64_t bytes = size_of(*files);
    for (const auto& file : *files) {
      if (auto taken = take_file(file); !taken) return taken.error();
      order_.on_progress(read_bytes_ += salvaged_.files.back().bytes, bytes);
    }
    if (auto known = check_format(); !known) return known.error();
    if (auto scanned = scan(); !scanned) return scanned.error();
    bool found = false;
    for (const auto& file : *files)
      if (!findings_of(file).whole()) {
        const auto more = find_records(file);
        if (!more) return more.error();
        found = found || *more;
      }
    if (found)
      if (auto scanned = scan(); !scanned) return scanned.error();
    find_missing();
    if (auto written = write_notes(); !written) return written.error();
    salvaged_.letters = rebuilt_.letters();
    return std::move(salvaged_);
  }

 private:
  static std::uint64_t size_of(const std::vector<std::filesystem::path>& files) {
    std::uint64_t bytes = 0;
    for (const auto& file : files) {
      std::error_code gone;
      if (const auto size = std::filesystem::file_size(file, gone); !gone) bytes += size;
    }
    return bytes;
  }

  Result<void> take_file(const std::filesystem::path& file) {
    const auto bytes = read_store_file(file);
    if (!bytes) return bytes.error();
    const auto findings = is_log(file) ? read_log(*bytes, rebuilt_) : read_table(*bytes, rebuilt_);
    salvaged_.files.push_back({file.filename().string(), bytes->size(), findings});
    if (!rebuilt_.status().ok()) return cannot_write(rebuilt_.status());
    return {};
  }

  Error cannot_write(const rocksdb::Status& status) const {
    return storage_error(fmt::format("cannot write in {}", order_.to.string()), status);
  }

  const FileFindings& findings_of(const std::filesystem::path& file) const {
    return std::ranges::find(salvaged_.files, file.filename().string(), &SalvagedFile::name)->findings;
  }

  std::optional<std::uint64_t> number(std::string_view key) const {
    const std::string* const note = rebuilt_.notes().find(key);
    const auto number = note != nullptr ? decode_key(*note) : std::nullopt;
    return number ? std::optional(number->value) : std::nullopt;
  }

  Result<void> check_format() const {
    if (number(store_key::format).value_or(0) <= format_version) return {};
    return newer_format(order_.from, *number(store_key::format));
  }

  SpoolId id() {
    const std::string* const note = rebuilt_.notes().find(store_key::id);
    const auto noted = note != nullptr ? SpoolId::from_text(*note) : std::nullopt;
    if (noted) return *noted;
    if (order_.known.id == SpoolId{} && made_id_ == SpoolId{}) made_id_ = SpoolId::random();
    return order_.known.id == SpoolId{} ? made_id_ : order_.known.id;
  }

  /// Finds which events there are.
  Result<void> scan() {
    runs_.clear();
    index_ = {};
    closed_.clear();
    salvaged_.events = 0;
    const auto scanned =
        scan_batches(*target_.rocksdb, target_.batches(), id(), removed(), [this](const Segment& batch) {
          if (const auto closed = index_.add(batch)) closed_.push_back(*closed);
          if (add_to_runs(runs_, batch)) runs_.back().newest = batch.newest;
        });
    if (!scanned) return scanned.error();
    for (const Segment& run : runs_) salvaged_.events += run.events();
    return {};
  }

  /// Single events in what could not be read as a whole. Whether there were any that are not there.
  Result<bool> find_records(const std::filesystem::path& file) {
    const auto bytes = read_store_file(file);
    if (!bytes) return bytes.error();
    FoundRecords found;
    if (is_log(file))
      read_log(*bytes, found);
    else
      read_table(*bytes, found);
    // A dead letter holds its event as well, which may be long done with.
    std::erase_if(found.records(), [this, done = floor().value_or(Sequence{})](const auto& record) {
      return Sequence{record.first} <= done || is_in_runs(runs_, Sequence{record.first});
    });
    std::vector<std::string> batch;
    std::size_t size = 0;
    std::uint64_t expected = 0;
    for (auto& [sequence, record] : found.records()) {
      if (!batch.empty() && (sequence != expected || size > batch_bytes || batch.size() >= batch_records)) {
        if (auto written = write_found(batch); !written) return written.error();
        size = 0;
      }
      size += record.size();
      batch.push_back(std::move(record));
      expected = sequence + 1;
    }
    if (!batch.empty())
      if (auto written = write_found(batch); !written) return written.error();
    salvaged_.found_events += found.records().size();
    return !found.records().empty();
  }

  Result<void> write_found(std::vector<std::string>& batch) {
    const std::string key = encode_key(sequence_of_record(batch.front()));
    const auto status =
        target_.rocksdb->Put(rocksdb::WriteOptions(), target_.batches(), key, pack_batch(batch_of_records(batch)));
    batch.clear();
    if (!status.ok()) return cannot_write(status);
    return {};
  }

  std::vector<Sequence> cursors() const {
    std::vector<Sequence> cursors;
    rebuilt_.notes().for_each([&cursors](std::string_view key, std::string_view value) {
      const auto position = key.starts_with(store_key::cursor_prefix) ? decode_key(value) : std::nullopt;
      if (position) cursors.push_back(*position);
    });
    return cursors;
  }

  std::set<Sequence> ends_of_segments() const {
    std::set<Sequence> ends;
    rebuilt_.notes().for_each([&ends](std::string_view key, std::string_view value) {
      if (!key.starts_with(store_key::segment_prefix)) return;
      if (const auto segment = decode_segment(key.substr(store_key::segment_prefix.size()), value))
        ends.insert(segment->last);
    });
    return ends;
  }

  Sequence removed() const { return std::max(Sequence{number(store_key::removed).value_or(0)}, order_.known.removed); }

  /// Up to where nothing is missed, for it was removed.
  std::optional<Sequence> floor() const {
    const bool is_known = rebuilt_.notes().find(store_key::id) != nullptr || !order_.known.empty();
    return is_known ? std::optional(removed()) : std::nullopt;
  }

  void find_missing() {
    const auto ends = ends_of_segments();
    MissingEvents missing(order_.known, ends, floor());
    for (const Segment& run : runs_) missing.add(run);
    newest_ = std::max(order_.known.newest, missing.position());
    for (const Sequence position : cursors()) newest_ = std::max(newest_, position);
    if (!ends.empty()) newest_ = std::max(newest_, *ends.rbegin());
    missing.end(newest_);
    salvaged_.damages = missing.damages();
    const auto log = std::ranges::find_if(salvaged_.files.rbegin(), salvaged_.files.rend(),
                                          [](const SalvagedFile& file) { return is_log(file.name); });
    const bool tail_lost =
        order_.newest_log_lost || (log != salvaged_.files.rend() && log->findings.damaged_at_its_end);
    if (tail_lost && !order_.known.closed)
      salvaged_.damages.push_back({missing.position(), {}, order_.reason, missing.newest_time(), {}});
  }

  std::uint32_t start_epoch() const {
    const auto noted = static_cast<std::uint32_t>(number(store_key::start_epoch).value_or(0));
    const std::uint32_t known = order_.known.last_epoch();
    return std::max({noted, known, newest_.start_epoch()}) + (known == 0 ? lost_epochs : 0);
  }

  std::vector<std::pair<std::uint64_t, Gap>> gaps() const {
    std::vector<std::pair<std::uint64_t, Gap>> gaps;
    rebuilt_.notes().for_each([&gaps](std::string_view key, std::string_view value) {
      const auto gap = key.starts_with(store_key::gap_prefix) ? gap_from_json(value) : std::nullopt;
      if (gap) gaps.emplace_back(0, *gap);
    });
    return gaps;
  }

  Result<void> write_notes() {
    rocksdb::WriteBatch batch;
    rebuilt_.notes().for_each([&](std::string_view key, std::string_view value) {
      if (!key.starts_with(store_key::segment_prefix))
        batch.Put(target_.meta(), rocksdb::Slice(key.data(), key.size()), rocksdb::Slice(value.data(), value.size()));
    });
    for (const Segment& segment : closed_)
      batch.Put(target_.meta(), store_key::join(store_key::segment_prefix, encode_key(segment.first)),
                encode_segment(segment));
    batch.Put(target_.meta(), store_key::format, store_key::number(format_version));
    batch.Put(target_.meta(), store_key::id, id().text());
    batch.Put(target_.meta(), store_key::start_epoch, store_key::number(start_epoch()));
    if (number(store_key::rows_epoch) == number(store_key::start_epoch))  // the rows are up to date
      batch.Put(target_.meta(), store_key::rows_epoch, store_key::number(start_epoch()));
    if (removed() > Sequence{}) batch.Put(target_.meta(), store_key::removed, encode_key(removed()));
    batch.Put(target_.meta(), store_key::salvaged, order_.note);
    std::erase_if(salvaged_.damages, [told = gaps()](const Damage& damage) { return is_reported(damage, told); });
    put_unreported_damage(target_, salvaged_.damages, batch);
    auto status = target_.rocksdb->Write(rocksdb::WriteOptions(), &batch);
    if (status.ok()) status = target_.rocksdb->Flush(rocksdb::FlushOptions(), target_.families);
    if (!status.ok()) return cannot_write(status);
    return {};
  }

  const SalvageOrder& order_;
  const Database& target_;
  RebuiltStore rebuilt_;
  Salvaged salvaged_;
  std::uint64_t read_bytes_ = 0;  // of files that were read to their end
  SpoolId made_id_;
  std::vector<Segment> runs_;
  SegmentIndex index_;
  std::vector<Segment> closed_;
  Sequence newest_;  // that is or was there
};

}  // namespace

Result<Salvaged> make_salvaged_store(const SalvageOrder& order) {
  const auto target = create_database(order.to);
  if (!target) return target.error();
  return Salvage(order, *target).carry_out();
}

std::string report_of(const Salvaged& salvaged) {
  std::string text;
  for (const auto& [name, bytes, findings] : salvaged.files) {
    text += fmt::format("{} {} {} bytes, {} blocks or records intact", findings.whole() ? "sound" : "damaged", name,
                        bytes, findings.intact);
    if (findings.corrected > 0) text += fmt::format(", {} with a flipped bit corrected", findings.corrected);
    if (findings.damaged > 0)
      text += fmt::format(", {} not readable ({} bytes)", findings.damaged, findings.damaged_bytes);
    if (findings.has_unreadable_frame) text += ", its own index is damaged";
    text += '\n';
  }
  return text;
}

}  // namespace pbxbridge::spool::salvage
