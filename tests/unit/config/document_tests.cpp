#include "configuration_text.hpp"
#include "pbxbridge/config/document.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace pbxbridge::config {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string problems_of(std::string_view text) {
  Report report;
  parse_document(text, report);
  return format_problems(report, "f");
}

TEST(Document, KeepsThePlacesOfKeysAndValues) {
  Report report;
  const auto root = parse_document("a:\n  - b: c\n    d: 'e'\n", report);
  ASSERT_TRUE(root);
  const Node::Entry& a = root->entries().at(0);
  EXPECT_EQ(a.key_location.line, 1);
  EXPECT_EQ(a.key_location.column, 1);
  const Node::Entry& d = a.value.items().at(0).entries().at(1);
  EXPECT_EQ(d.key_location.line, 3);
  EXPECT_EQ(d.key_location.column, 5);
  EXPECT_EQ(d.value.location().column, 8);
  EXPECT_EQ(d.value.text(), "e");
}

TEST(Document, SharesWhatAnAliasNames) {
  Report report;
  const auto root = parse_document("a: &x { b: 1 }\nc: *x\n", report);
  ASSERT_TRUE(root);
  EXPECT_EQ(root->find("c")->find("b")->text(), "1");
}

TEST(Document, TellsAnEmptyFile) {
  for (const char* text : {"", "\n\n", "# nothing\n", "---\n", "~\n"})
    EXPECT_EQ(problems_of(text), "f:1:1: error: the file holds no configuration\n") << text;
}

TEST(Document, RejectsTagsThatWouldBeLeftOut) {
  for (const char* value : {"!secret x", "!secret", "!env VAR", "!!binary eA==", "!<tag:example.com,2026:x> y", "! x",
                            "!secret \"x\"", "&a !secret x", "!vault [x]", "!vault {x: y}", "!!timestamp 2026-01-01"})
    EXPECT_THAT(problems_of("a: 1\npassword: " + std::string(value) + "\n"), StartsWith("f:2:11: error: a YAML tag"))
        << value;
  EXPECT_THAT(problems_of("!key a: 1\n"), StartsWith("f:1:1: error: a YAML tag"));
  EXPECT_THAT(problems_of("%TAG !! tag:example.com,2026:\n---\na: !!str x\n"), StartsWith("f:3:4: error: a YAML tag"));
}

TEST(Document, TakesTheTagsOfPlainValues) {
  EXPECT_EQ(problems_of("a: !!str 1\nb: !!int 2\nc: !!float 3\nd: !!bool true\ne: !!seq [x]\nf: !!map {x: y}\n"), "");
  Report report;
  EXPECT_EQ(parse_document("a: !!str ~\n", report)->find("a")->text(), "~");
}

TEST(Document, TellsTheTabInTheIndentation) {
  EXPECT_EQ(problems_of("a:\n  b: 1\n\tc: 2\n"),
            "f:3:1: error: a tab in the indentation: YAML is indented with spaces\n");
  EXPECT_EQ(problems_of("a:\n  \tb: 1\n  c: 2\n"),
            "f:2:3: error: a tab in the indentation: YAML is indented with spaces\n");
}

TEST(Document, TellsThePlaceOfASyntaxError) {
  EXPECT_THAT(problems_of("a: [1, 2\nb: 3\n"), StartsWith("f:2:"));
  EXPECT_THAT(problems_of("a: 1\n b: 2\n"), StartsWith("f:2:3: error: not valid YAML: "));
  EXPECT_EQ(problems_of("x: 1\na: \"open\\\"\nb: 2\n"), "f:2:4: error: the quote that opens here is never closed\n");
  EXPECT_EQ(problems_of("\xef\xbb\xbfx: 'it''s'\na: 'open\n"),
            "f:2:4: error: the quote that opens here is never closed\n");
  EXPECT_EQ(problems_of("\xef\xbb\xbfx: 'it''s'\na: \"\\\\\"\nb: ''\n\"c\": \"ü\"\nd: \"\xc3\xbc\"\n"), "");
  EXPECT_THAT(problems_of("a: *_cdr\n"), HasSubstr("a text that begins with * or & must stand in quotes"));
}

TEST(Document, RejectsWhatIsNoTextFile) {
  EXPECT_EQ(problems_of(std::string_view("a: 1\nb: \0", 9)),
            "f:2:4: error: a NUL character: this is not a text file\n");
  for (const char* other : {"x: 1\na: gr\xfc\xdf\n", "x: 1\na: \"\xed\xa0\x80\"\n"})
    EXPECT_EQ(problems_of(other), "f:2:4: error: text that is not UTF-8; save the file in UTF-8\n");
}

TEST(Document, RejectsASecondDocument) {
  EXPECT_EQ(problems_of("a: 1\n---\nb: 2\n"),
            "f:3:1: error: a second YAML document (after \"---\") begins; only one is allowed in a file\n");
}

TEST(Document, RejectsKeysThatAreNoText) {
  EXPECT_THAT(problems_of("? [a, b]\n: c\n"), HasSubstr("a key must be a text"));
  EXPECT_THAT(problems_of("a: &x 1\n*x : 2\n"), HasSubstr("an alias cannot be a key"));
}

TEST(Document, BoundsSizeDepthAndAliases) {
  EXPECT_EQ(problems_of(std::string(max_document_bytes + 1, '#')),
            "f:1:1: error: the file is larger than 1048576 bytes\n");
  EXPECT_THAT(problems_of(std::string(1'000'000, '[')), StartsWith("f:1:1: error: "));
  EXPECT_THAT(problems_of(std::string(40, '[') + std::string(40, ']')), HasSubstr("error: more than 32 levels"));
  for (const std::string_view opening : {"- ", "[", "{a: ", "? ", "[{a: ", "- &a ", "- !t "}) {
    std::string nested;
    while (nested.size() < 200'000) nested += opening;
    EXPECT_THAT(problems_of(nested), HasSubstr("error: ")) << opening;
  }
  std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string name = "a" + std::to_string(i);
    const std::string alias = "*a" + std::to_string(i - 1);
    laughs += name + ": &" + name + " [" + alias;
    for (int j = 1; j < 10; ++j) laughs += ", " + alias;
    laughs += "]\n";
  }
  EXPECT_THAT(problems_of(laughs), HasSubstr("error: more than 200000 values, aliases counted each time"));
  EXPECT_THAT(problems_of("a: &x [*x]\n"), HasSubstr("an alias stands inside what it names"));
}

TEST(Document, BoundsItsTextWithAliasesCountedEachTime) {
  const std::string long_text(100'000, 'a');
  std::string aliases;
  for (int i = 0; i < 100; ++i) aliases += ",*a";
  EXPECT_THAT(problems_of("hosts: [&a " + long_text + aliases + "]\n"),
              StartsWith("f:1:100133: error: more than 4194304 bytes of text"));
  EXPECT_EQ(problems_of("hosts: [&a " + long_text + aliases.substr(0, 3 * 40) + "]\n"), "");
  std::string keys = "hosts: [&a { " + std::string(1000, 'a') + ": 1 }";
  for (int i = 0; i < 5000; ++i) keys += ",*a";
  EXPECT_THAT(problems_of(keys + "]\n"), HasSubstr("bytes of text"));
}

// Whatever the file holds: problems with places, never a crash or an endless run.
TEST(Document, SurvivesDamagedFiles) {
  const std::string sound = ConfigurationText().text();
  std::mt19937 random(20260101);
  constexpr std::string_view inserts = "{}[]:-,&*#?|>!%@`\"'\t\n \xff\x01$~<";
  for (int round = 0; round < 3000; ++round) {
    std::string damaged = sound;
    for (unsigned change = 0; change < 1 + random() % 4; ++change) {
      const std::size_t place = random() % damaged.size();
      if (random() % 2 == 0)
        damaged.insert(place, 1, inserts[random() % inserts.size()]);
      else
        damaged.erase(place, 1 + random() % 5);
    }
    const Loaded loaded = load_config_text(damaged, sample_sink_types());
    for (const Problem& problem : loaded.report.problems())
      ASSERT_GT(problem.location.line, 0) << problem.text << damaged;
  }
}

}  // namespace
}  // namespace pbxbridge::config
