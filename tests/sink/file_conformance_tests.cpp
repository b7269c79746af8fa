#include "pbxbridge/config/document.hpp"
#include "sink/conformance.hpp"
#include "sink/file/file_sink.hpp"
#include "sink/file_size_limit.hpp"
#include "sink/lines_of_file.hpp"
#include "support/temporary_directory.hpp"

#include <filesystem>
#include <stdexcept>

namespace pbxbridge::test {
namespace {

/// The far side is a file in a directory; it is down while the directory is missing.
class FileHarness final : public SinkHarness {
 public:
  std::unique_ptr<Sink> make_sink(SinkContext context) override {
    config::Report report;
    const auto yaml = config::parse_document("{type: file, format: raw, path: " + path().native() + "}", report);
    const auto settings = sink::file_sink_type.read(yaml.value(), report);
    if (report.has_errors()) throw std::runtime_error(report.problems().front().text);
    return sink::file_sink_type.make(*settings, std::move(context));
  }

  std::vector<std::string> topics() override { return {""}; }

  std::vector<Arrived> arrived() override { return lines_of_file(path()); }
  RemovalForm removal_form() const override { return RemovalForm::line; }

  void take_far_side_down() override { std::filesystem::remove_all(path().parent_path()); }
  std::string far_side_name() override { return path().native(); }

  void reject_for_now() override { limit_.emplace(existing_size() + 10); }
  void take_again() override { limit_.reset(); }

 private:
  std::filesystem::path path() const { return directory_ / "logs" / "events.ndjson"; }
  std::uintmax_t existing_size() const {
    std::error_code missing;
    const auto size = std::filesystem::file_size(path(), missing);
    return missing ? 0 : size;
  }

  TemporaryDirectory directory_;
  bool made_ = std::filesystem::create_directory(directory_ / "logs");
  std::optional<FileSizeLimit> limit_;
};

INSTANTIATE_TEST_SUITE_P(File, SinkConformance, testing::Values(harness_factory<FileHarness>()));
INSTANTIATE_TEST_SUITE_P(File, SinkDownConformance, testing::Values(harness_factory<FileHarness>()));
INSTANTIATE_TEST_SUITE_P(File, SinkRetryConformance, testing::Values(harness_factory<FileHarness>()));
// A file system acknowledges a write by returning from it, does not end, and takes every line that it has room for.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(SinkFreezeConformance);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(SinkRestartConformance);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(SinkRejectConformance);

}  // namespace
}  // namespace pbxbridge::test
