#include "config/settings_hash.hpp"
#include "pbxbridge/config/document.hpp"
#include "sample_sink.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace pbxbridge::config {
namespace {

std::string hash_of(std::string_view text) {
  Report report;
  const auto document = parse_document(text, report);
  EXPECT_TRUE(document && !report.has_errors()) << text;
  return settings_hash(*document, {});
}

TEST(SettingsHash, IsTheSameForTheSameSettings) {
  const std::string hash = hash_of("a: { b: 1, c: [x, y] }\n");
  EXPECT_EQ(hash.size(), 16U);
  EXPECT_EQ(hash.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(hash_of("# another order, another form\na:\n  c:\n    - x\n    - \"y\"\n  b: 1\n"), hash);
  ASSERT_EQ(setenv("PBXBRIDGE_TEST_ONE", "1", 1), 0);
  EXPECT_EQ(hash_of("a: { b: \"${PBXBRIDGE_TEST_ONE}\", c: [x, y] }\n"), hash);
}

TEST(SettingsHash, IsAnotherForOthers) {
  const std::string hash = hash_of("a: { b: 1, c: [x, y] }\n");
  for (const char* other : {"a: { b: 2, c: [x, y] }\n", "a: { b: 1, c: [y, x] }\n", "a: { b: 1, c: [xy] }\n",
                            "a: { b: 1, c: { x: y } }\n", "a: { b: 1, c: [x, y, \"\"] }\n", "a: { b: 1 }\n"})
    EXPECT_NE(hash_of(other), hash) << other;
}

TEST(SettingsHash, GivesNoSecretAway) {
  EXPECT_EQ(hash_of("auth: { username: a, password: open-sesame }\n"),
            hash_of("auth: { username: a, password: hunter2 }\n"));
  EXPECT_NE(hash_of("auth: { username: a, password: open-sesame }\n"),
            hash_of("auth: { username: b, password: open-sesame }\n"));
}

}  // namespace
}  // namespace pbxbridge::config
