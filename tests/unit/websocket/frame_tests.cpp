#include "websocket/frame.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pbxbridge::websocket {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;

std::string wrong_with(const std::string& bytes) {
  std::string_view wrong;
  EXPECT_FALSE(read_frame_header(bytes, wrong).has_value());
  return std::string(wrong);
}

void expect_header(const std::string& bytes, std::uint64_t payload_bytes, std::size_t header_bytes) {
  std::string_view wrong;
  const auto header = read_frame_header(bytes, wrong);
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(header->payload_bytes, payload_bytes);
  EXPECT_EQ(header->header_bytes, header_bytes);
}

// The examples of RFC 6455, section 5.7.
TEST(FrameHeader, IsReadFromTheStandardsExamples) {
  std::string_view wrong;
  const auto hello = read_frame_header("\x81\x05Hello", wrong);
  ASSERT_TRUE(hello.has_value());
  EXPECT_TRUE(hello->is_final);
  EXPECT_EQ(hello->opcode, Opcode::text);
  EXPECT_EQ(hello->payload_bytes, 5U);
  const auto fragment = read_frame_header("\x01\x03Hel", wrong);
  ASSERT_TRUE(fragment.has_value());
  EXPECT_FALSE(fragment->is_final);
  expect_header("\x82\x7E\x01\x00"s, 256, 4);
  expect_header("\x82\x7F\x00\x00\x00\x00\x00\x01\x00\x00"s, 65536, 10);
}

TEST(FrameHeader, OfWhichAPartIsMissingIsWaitedFor) {
  const std::string whole = "\x82\x7F\x00\x00\x00\x00\x00\x01\x00\x00"s;
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_EQ(wrong_with(whole.substr(0, size)), "") << size;
}

TEST(FrameHeader, OfWhatNoServerMaySendIsRejected) {
  EXPECT_THAT(wrong_with("\xC1\x05"), HasSubstr("extension"));
  EXPECT_THAT(wrong_with("\x83\x05"), HasSubstr("unknown kind"));
  EXPECT_THAT(wrong_with("\x8B\x05"), HasSubstr("unknown kind"));
  EXPECT_THAT(wrong_with("\x81\x85"), HasSubstr("masked"));
  EXPECT_THAT(wrong_with("\x09\x01"), HasSubstr("fragments"));
  EXPECT_THAT(wrong_with("\x89\x7E"), HasSubstr("125 bytes"));
  EXPECT_THAT(wrong_with("\x82\x7E\x00\x7D"s), HasSubstr("length"));
  EXPECT_THAT(wrong_with("\x82\x7F\x00\x00\x00\x00\x00\x00\xFF\xFF"s), HasSubstr("length"));
  EXPECT_THAT(wrong_with("\x82\x7F\x80\x00\x00\x00\x00\x00\x00\x00"s), HasSubstr("length"));
}

TEST(MaskedFrame, IsTheStandardsExample) {
  std::string out;
  append_masked_frame(out, Opcode::text, "Hello", 0x3d21fa37);
  EXPECT_EQ(out, "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
}

TEST(MaskedFrame, HasTheShortestLength) {
  const auto size_with = [](std::size_t payload) {
    std::string out;
    append_masked_frame(out, Opcode::binary, std::string(payload, 'x'), 1);
    return out.size() - payload;
  };
  EXPECT_EQ(size_with(125), 6U);
  EXPECT_EQ(size_with(126), 8U);
  EXPECT_EQ(size_with(65535), 8U);
  EXPECT_EQ(size_with(65536), 14U);
}

}  // namespace
}  // namespace pbxbridge::websocket
