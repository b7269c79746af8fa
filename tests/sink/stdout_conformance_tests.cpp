#include "sink/conformance.hpp"
#include "sink/file_size_limit.hpp"
#include "sink/line_sink.hpp"
#include "sink/lines_of_file.hpp"
#include "sink/stdout/output_stream.hpp"
#include "support/temporary_directory.hpp"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <mutex>
#include <poll.h>
#include <sstream>
#include <stop_token>
#include <sys/stat.h>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace pbxbridge::test {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {
    if (descriptor < 0) throw std::system_error(errno, std::generic_category());
  }
  ~Descriptor() { ::close(descriptor_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

std::unique_ptr<Sink> sink_to(std::shared_ptr<sink::OutputStream> stream, SinkContext context) {
  return std::make_unique<sink::LineSink>(std::move(context), Format::raw,
                                          std::make_unique<sink::StreamTarget>(std::move(stream)));
}

/// The process that reads the FIFO which standard output leads to. Its end is the reader's end.
class FifoReader {
 public:
  FifoReader(const std::filesystem::path& fifo, std::string& text)
      : text_(text), descriptor_(::open(fifo.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)) {}

  /// Reads nothing until the lock is released.
  std::unique_lock<std::mutex> pause() { return std::unique_lock(reading_); }

  /// Reads what is in the FIFO now.
  void drain() {
    const std::lock_guard lock(reading_);
    char buffer[65'536];
    for (ssize_t got = 0; (got = ::read(descriptor_.get(), buffer, sizeof(buffer))) > 0;)
      text_.append(buffer, static_cast<std::size_t>(got));
  }

 private:
  void run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      pollfd ready{descriptor_.get(), POLLIN, 0};
      ::poll(&ready, 1, 5);
      drain();
    }
  }

  std::mutex reading_;
  std::string& text_;  // under reading_
  Descriptor descriptor_;
  std::jthread thread_{[this](const std::stop_token& stop) { run(stop); }};
};

std::filesystem::path make_fifo(const std::filesystem::path& path) {
  if (::mkfifo(path.c_str(), 0600) != 0) throw std::system_error(errno, std::generic_category());
  return path;
}

/// Standard output led to a FIFO, and whoever reads it.
class FifoHarness final : public SinkHarness {
 public:
  ~FifoHarness() override { paused_ = {}; }

  std::unique_ptr<Sink> make_sink(SinkContext context) override { return sink_to(stream_, std::move(context)); }
  std::vector<std::string> topics() override { return {""}; }

  std::vector<Arrived> arrived() override {
    reader_->drain();
    std::istringstream lines(text_);
    return lines_of(lines);
  }

  RemovalForm removal_form() const override { return RemovalForm::line; }
  void take_far_side_down() override { reader_.reset(); }
  std::string far_side_name() override { return "standard output"; }
  void restart_far_side() override {
    reader_.reset();
    reader_ = std::make_unique<FifoReader>(path_, text_);
  }

  /// A line counts as delivered once the FIFO has it, so the FIFO is filled, with line breaks.
  void freeze() override {
    paused_ = reader_->pause();
    const Descriptor filler(::open(path_.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
    while (::write(filler.get(), "\n", 1) == 1) {
    }
  }
  void thaw() override { paused_ = {}; }

 private:
  TemporaryDirectory directory_;
  std::filesystem::path path_ = make_fifo(directory_ / "fifo");
  std::string text_;
  std::unique_ptr<FifoReader> reader_ = std::make_unique<FifoReader>(path_, text_);
  std::unique_lock<std::mutex> paused_;
  Descriptor writer_{::open(path_.c_str(), O_WRONLY | O_CLOEXEC)};
  std::shared_ptr<sink::OutputStream> stream_ = std::make_shared<sink::OutputStream>(writer_.get(), "standard output");
};

/// Standard output led to a file, on a disk that can be full.
class RedirectionHarness final : public SinkHarness {
 public:
  std::unique_ptr<Sink> make_sink(SinkContext context) override { return sink_to(stream_, std::move(context)); }
  std::vector<std::string> topics() override { return {""}; }
  std::vector<Arrived> arrived() override { return lines_of_file(path_); }
  void reject_for_now() override { limit_.emplace(0); }
  void take_again() override { limit_.reset(); }

 private:
  TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_ / "out";
  Descriptor descriptor_{::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)};
  std::shared_ptr<sink::OutputStream> stream_ =
      std::make_shared<sink::OutputStream>(descriptor_.get(), "standard output");
  std::optional<FileSizeLimit> limit_;
};

INSTANTIATE_TEST_SUITE_P(Stdout, SinkConformance, testing::Values(harness_factory<FifoHarness>()));
INSTANTIATE_TEST_SUITE_P(Stdout, SinkDownConformance, testing::Values(harness_factory<FifoHarness>()));
INSTANTIATE_TEST_SUITE_P(Stdout, SinkFreezeConformance, testing::Values(harness_factory<FifoHarness>()));
INSTANTIATE_TEST_SUITE_P(Stdout, SinkRestartConformance, testing::Values(harness_factory<FifoHarness>()));
INSTANTIATE_TEST_SUITE_P(Stdout, SinkRetryConformance, testing::Values(harness_factory<RedirectionHarness>()));
// Standard output takes every line that it has room for.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(SinkRejectConformance);

}  // namespace
}  // namespace pbxbridge::test
