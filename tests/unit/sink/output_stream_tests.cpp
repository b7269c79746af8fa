#include "sink/file_size_limit.hpp"
#include "sink/stdout/output_stream.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <unistd.h>

namespace pbxbridge::sink {
namespace {

using testing::HasSubstr;
using Lines = std::vector<std::string>;

TEST(OutputStream, EndsALineThatStandsThereInPart) {
  std::signal(SIGXFSZ, SIG_IGN);
  const test::TemporaryDirectory directory;
  const int descriptor = ::open((directory / "out").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  OutputStream stream(descriptor, "standard output");
  ::close(descriptor);
  {
    const test::FileSizeLimit limit(6);
    const auto written = stream.write(Lines{"one\n", "two\n", "three\n"});
    EXPECT_EQ(written.lines, 1U);
    EXPECT_TRUE(written.retry);
    EXPECT_EQ(stream.write(Lines{"four\n"}).lines, 0U);
  }
  EXPECT_EQ(stream.write(Lines{"two\n", "three\n"}).lines, 2U);
  std::ifstream file(directory / "out");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "one\ntwo\ntwo\nthree\n");
}

TEST(OutputStream, FailsWhereNobodyReads) {
  std::signal(SIGPIPE, SIG_IGN);
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  OutputStream stream(ends[1], "standard output");
  EXPECT_FALSE(stream.check());
  ::close(ends[0]);
  EXPECT_TRUE(stream.check());
  const auto written = stream.write(Lines{"one\n"});
  EXPECT_EQ(written.lines, 0U);
  ASSERT_TRUE(written.failure);
  EXPECT_EQ(written.failure->text, "nobody reads standard output any more");
  ::close(ends[1]);
}

TEST(OutputStream, AsksForAnotherAttemptWhereTheDiskIsFull) {
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  OutputStream stream(full, "standard output");
  ::close(full);
  EXPECT_THAT(stream.write(Lines{"one\n"}).retry.value_or(""), HasSubstr("No space left on device"));
}

TEST(OutputStream, SaysThatItIsClosed) {
  OutputStream stream(-1, "standard output");
  ASSERT_TRUE(stream.check());
  EXPECT_EQ(stream.check()->text, "standard output is closed");
}

}  // namespace
}  // namespace pbxbridge::sink
