#include "untidy_payloads.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace pbxbridge::test {

std::vector<std::string> sample_payloads() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(PBXBRIDGE_SOURCE_DIRECTORY "/tests/support/events"))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<std::string> payloads;
  for (const auto& path : files) {
    std::ifstream file(path, std::ios::binary);
    payloads.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return payloads;
}

std::vector<std::string> untidy_payloads() {
  return {
      R"({"event_type":"fax_received","pages":3})",
      R"({"no_event_type":true})",
      R"({"event_type":"extension_created","username":"ada","username":"grace","new_field":{"a":[1,2]}})",
      R"({"event_type":"call_start","session_id":123456789012345678901234567890,"n":1e999})",
      R"({"event_type":"call_start","session_id":"7","caller":"sip:\u0000+#/@x"})",
      R"({"event_type":"call_start","session_id":"+#/","call_status":"ON_ACLL"})",
      R"(["event_type","call_start"])",
      R"("text")",
      "plain text, no JSON",
      R"({"event_type":"call_start",)",
      "\xef\xbb\xbf{\"event_type\":\"call_start\",\"session_id\":\"9\"}",
      "{\"event_type\":\"call_start\",\"caller_display_name\":\"J\xfcrgen\",\"session_id\":\"10\"}",
      " \n{ \"event_type\" : \"call_end\\u0065d\" }\r\n",
      R"({"event_type":"call_cdr","session_id":"8","user_data":")" + std::string(100'000, 'x') + "\"}",
  };
}

std::string to_hex(const std::string& bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string hex;
  for (const unsigned char byte : bytes) {
    hex += digits[byte >> 4];
    hex += digits[byte & 15];
  }
  return hex;
}

}  // namespace pbxbridge::test
