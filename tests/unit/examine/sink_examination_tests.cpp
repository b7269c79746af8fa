#include "examine/sink_examination.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pbxbridge::examine {
namespace {

using testing::HasSubstr;

std::vector<Finding> findings_of(const SinkType& type) {
  auto config = std::make_shared<config::Config>();
  config->pbx.emplace_back().max_frame_size = {4096};
  config->pbx.emplace_back().max_frame_size = {8192};
  config->sinks["s"] = {.type = std::string(type.name), .settings = std::make_shared<SinkSettings>()};
  std::vector<Finding> found;
  const Subject subject = sink_subject(config, {type}, "s");
  Findings findings(subject.name, [&](Finding finding) { found.push_back(std::move(finding)); });
  subject.examine(findings);
  return found;
}

TEST(SinkExamination, IsThatOfItsType) {
  const auto found =
      findings_of({.name = "own", .examine = [](const SinkSettings&, const SinkExamination& asked, Findings& findings) {
                     findings.ok("asked", asked.name + " " + std::to_string(asked.largest_payload));
                   }});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].subject, "sink s");
  EXPECT_EQ(found[0].words, "s 8192");
}

TEST(SinkExamination, IsAWarningWhereTheTypeHasNone) {
  const auto found = findings_of({.name = "plain"});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].level, FindingLevel::warning);
  EXPECT_THAT(found[0].words, HasSubstr("plain"));
}

}  // namespace
}  // namespace pbxbridge::examine
