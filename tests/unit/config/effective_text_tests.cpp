#include "config/effective_text.hpp"
#include "pbxbridge/config/document.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace pbxbridge::config {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string text_of(const std::string& yaml) {
  Report report;
  const auto document = parse_document(yaml, report);
  EXPECT_FALSE(report.has_errors());
  return document ? effective_text(*document, {}) : "";
}

TEST(EffectiveText, IsTheDocumentAfterSubstitution) {
  ::setenv("EFFECTIVE_TEXT_PORT", "1884", 1);
  EXPECT_EQ(text_of("sinks:\n  board: { type: mqtt, url: \"mqtt://h:${EFFECTIVE_TEXT_PORT}\", window: 7, retain: {} }\n"
                    "plugins: []\n"
                    "routes:\n  - match: {}\n    to: { sink: board, topic: \"a \\\"b\\\" {c}\" }\n"),
            "sinks:\n"
            "  board:\n"
            "    type: mqtt\n"
            "    url: \"mqtt://h:1884\"\n"
            "    window: 7\n"
            "    retain: {}\n"
            "plugins: []\n"
            "routes:\n"
            "  -\n"
            "    match: {}\n"
            "    to:\n"
            "      sink: board\n"
            "      topic: \"a \\\"b\\\" {c}\"\n");
}

TEST(EffectiveText, HoldsNoSecretAndNoNumber) {
  const std::string text = text_of(
      "pbx:\n  - name: hq1\n    url: \"wss://user:open-sesame-1@h:8443\"\n"
      "    auth: { username: bridge, password: \"open sesame\", extension_number: \"80001234\" }\n"
      "    subscribe:\n      - { topic: extension_events, extensions: [\"70001234\", \"70005678\"] }\n"
      "routes:\n  - match: { caller: \"+4915550100\", pbx: hq1, not: { entity: [\"90001234\"] } }\n    to: []\n");
  for (const char* hidden : {"sesame", "800012", "700012", "700056", "155501", "900012"})
    EXPECT_THAT(text, Not(HasSubstr(hidden))) << text;
  for (const char* shown :
       {"password: [secret]", "username: bridge", "pbx: hq1", "topic: extension_events", "name: hq1"})
    EXPECT_THAT(text, HasSubstr(shown)) << text;
}

TEST(EffectiveText, HoldsNothingOfAUrlThatMayBeSecret) {
  EXPECT_EQ(text_of("a: ws://h/wsi?apikey=hunter2&x=hunter3&hunter4\nb: \"wss://hunter2@h:1/p\"\nc: mqtt://h/@p\n"
                    "d: \"wss://user:hun/te?r2@h\"\ne: wss://h:1/p?to=a@b\nf: wss://[2001:db8::7]:1/@p\n"),
            "a: \"ws://h/wsi?apikey=[secret]&x=[secret]&[secret]\"\n"
            "b: \"wss://[secret]@h:1/p\"\n"
            "c: \"mqtt://h/@p\"\n"
            "d: \"wss://[secret]@h\"\n"
            "e: \"wss://h:1/p?to=[secret]\"\n"
            "f: \"wss://[2001:db8::7]:1/@p\"\n");
}

TEST(EffectiveText, ShowsTheBeginningOfALongList) {
  std::string list;
  for (int i = 0; i < 1000; ++i) list += "\n  - e" + std::to_string(i);
  const std::string text = text_of("queues:" + list + "\n");
  EXPECT_THAT(text, HasSubstr("  - e19\n  # and 980 more\n"));
}

}  // namespace
}  // namespace pbxbridge::config
