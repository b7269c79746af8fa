#include "sink/file/file_settings.hpp"

#include "sink/event_line.hpp"

#include <system_error>

namespace pbxbridge::sink {

using config::Report;
using config::Schema;
using config::WrittenKeys;

namespace {

/// Warnings, for the check may run elsewhere.
void check_path(const FileSettings& file, const WrittenKeys& written, Report& report) {
  const auto& path = file.path;
  const config::Location location = written.location("path");
  if (path.empty() || !path.has_filename()) return report.error(location, "\"path\" must name a file");
  std::error_code unknown;
  if (std::filesystem::is_directory(path, unknown))
    report.warning(location, "path: " + path.native() + " is a directory here; it must name a file");
  const auto directory = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  if (!std::filesystem::is_directory(directory, unknown))
    report.warning(location, "path: there is no directory " + directory.native() + " here; pbxbridge does not make it");
}

void check_rotation(const FileSettings& file, const WrittenKeys& written, Report& report) {
  if (written.has("keep_files") && !file.max_file_size && !file.rotate_every)
    report.error(written.location("keep_files"),
                 "\"keep_files\" needs \"max_file_size\" or \"rotate_every\": without them nothing is rotated");
}

void check_fsync(const FileSettings& file, const WrittenKeys& written, Report& report) {
  if (written.has("fsync_interval") && file.fsync != Fsync::interval)
    report.error(written.location("fsync_interval"), "\"fsync_interval\" needs \"fsync: interval\"");
}

}  // namespace

std::string FileSettings::exclusive() const {
  if (path.empty()) return {};  // an error already
  std::error_code error;
  const auto real = std::filesystem::weakly_canonical(std::filesystem::absolute(path, error), error);
  return "the file " + (error ? path : real).native();
}

const Schema<FileSettings>& FileSettings::schema() {
  static const auto schema =
      Schema<FileSettings>(
          "Appends each event as one line to a file (NDJSON). SIGHUP opens the file again, as logrotate "
          "wants it.")
          .field("path", &FileSettings::path,
                 {.text = "The file; its directory must exist. Made with mode 0640 where it does not exist.",
                  .example = "/var/log/pbxbridge/events.ndjson",
                  .required = true})
          .field("format", &FileSettings::format, {.text = line_format_text})
          .field(
              "max_file_size", &FileSettings::max_file_size,
              {.text = "Rotates before the file would grow beyond: it is renamed to PATH.1, the one before to PATH.2 "
                       "and so on. Left out: not by size.",
               .example = "100MiB",
               .minimum = 1024})
          .field(
              "rotate_every", &FileSettings::rotate_every,
              {.text = "Rotates with the first event of each such period, counted from midnight UTC. Left out: not by "
                       "time.",
               .example = "24h",
               .minimum = 1'000})
          .field("keep_files", &FileSettings::keep_files,
                 {.text = "How many rotated files are kept; the oldest is deleted.", .minimum = 1, .maximum = 1'000})
          .field(
              "fsync", &FileSettings::fsync,
              {.text = "When events are made durable. `always`: before they count as delivered, once for each batch. "
                       "`interval`: every `fsync_interval`, so that a power loss can take what was delivered since. "
                       "`none`: when the operating system does."})
          .field("fsync_interval", &FileSettings::fsync_interval,
                 {.text = "For `fsync: interval`.", .minimum = 10, .maximum = 3'600'000})
          .check({"path"}, check_path)
          .check({"max_file_size", "rotate_every"}, check_rotation)
          .check({"fsync"}, check_fsync);
  return schema;
}

}  // namespace pbxbridge::sink
