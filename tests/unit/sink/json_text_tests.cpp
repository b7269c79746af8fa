#include "sink/json_text.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace pbxbridge::sink {
namespace {

std::string base64(std::string_view bytes) {
  std::string out;
  append_base64(out, bytes);
  return out;
}

TEST(JsonText, WritesEveryCharacterSoThatItIsReadBack) {
  std::string text;
  for (int c = 0; c < 0x80; ++c) text += static_cast<char>(c);
  text += "\u00e4\u2028\U0001F4DE";
  std::string out;
  append_json_string(out, text);
  EXPECT_EQ(nlohmann::json::parse(out), text);
  EXPECT_EQ(out.find('\n'), std::string::npos);
}

TEST(JsonText, LeavesLineBreaksOut) {
  std::string out;
  append_json_on_one_line(out, "\n[1,\r\n 2,\r3]\n\n");
  EXPECT_EQ(out, "[1, 2,3]");
}

TEST(JsonText, EncodesBase64AsTheRfcsExamples) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64(std::string("\0\xff\xfe", 3)), "AP/+");
}

}  // namespace
}  // namespace pbxbridge::sink
