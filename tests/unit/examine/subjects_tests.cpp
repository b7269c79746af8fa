#include "examine/subjects.hpp"
#include "text/secrets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <stdexcept>

namespace pbxbridge::examine {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<Finding> findings_of(const std::vector<Subject>& subjects, std::chrono::milliseconds limit = 10s) {
  std::vector<Finding> findings;
  examine_subjects(subjects, limit, [&](const Finding& finding) { findings.push_back(finding); });
  return findings;
}

std::vector<std::string> words_of(const std::vector<Finding>& findings) {
  std::vector<std::string> words;
  for (const Finding& finding : findings) words.push_back(finding.subject + ": " + finding.words);
  return words;
}

TEST(Subjects, RunAtOnceAndAreReportedInTheirOrder) {
  const auto second_has_run = std::make_shared<std::promise<void>>();
  const Subject first{"first", [second_has_run](Findings& findings) {
                        second_has_run->get_future().wait();
                        findings.ok("a", "one");
                        findings.ok("b", "two");
                      }};
  const Subject second{"second", [second_has_run](Findings& findings) {
                         findings.ok("a", "three");
                         second_has_run->set_value();
                       }};
  EXPECT_THAT(words_of(findings_of({first, second})), ElementsAre("first: one", "first: two", "second: three"));
}

TEST(Subjects, ThatHangAreLeftAfterTheLimit) {
  const auto never = std::make_shared<std::promise<void>>();
  const auto findings = findings_of({{"hanging",
                                      [never](Findings& found) {
                                        found.ok("a", "one");
                                        never->get_future().wait();
                                      }},
                                     {"other", [](Findings& found) { found.ok("a", "two"); }}},
                                    300ms);
  EXPECT_THAT(words_of(findings), ElementsAre("hanging: one", HasSubstr("hanging: it has not ended"), "other: two"));
  never->set_value();
}

TEST(Subjects, ThatThrowAreAnError) {
  const auto findings = findings_of({{"broken", [](Findings&) { throw std::runtime_error("no luck"); }}});
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].level, FindingLevel::error);
  EXPECT_THAT(findings[0].words, HasSubstr("no luck"));
}

TEST(Subjects, NeverShowASecretOrWhatATerminalObeys) {
  text::remember_secret("open-sesame-examined");
  const auto findings =
      findings_of({{"peer", [](Findings& found) {
                      found.error("TLS", "it said open-sesame-examined\x1b[31m\nnext", "try open-sesame-examined");
                    }}});
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].words.find("open-sesame"), std::string::npos);
  EXPECT_EQ(findings[0].remedy.find("open-sesame"), std::string::npos);
  EXPECT_EQ(findings[0].words.find_first_of("\x1b\n"), std::string::npos);
}

}  // namespace
}  // namespace pbxbridge::examine
