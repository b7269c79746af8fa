#include "configuration_text.hpp"
#include "pbxbridge/config/schema.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace pbxbridge::config {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// Fields of `problems_of_sink` begin here.
constexpr std::string_view minimal = "    address: here\n";

std::string problem_with(const std::string& field) {
  return problems_of_sink(std::string(minimal) + "    " + field + "\n");
}

TEST(Schema, ReadsEveryKindOfValue) {
  ConfigurationText text;
  text.sinks =
      "  first: { type: sample, address: there, format: cloudevents, patience: 2s, buffer: 1MiB, port: 65535, level: "
      "2,\n"
      "    eager: true, share: 0.25, password: open-sesame, hosts: [a, b], options: { x.y: 1, z: two } }\n";
  const Loaded loaded = text.load();
  ASSERT_EQ(format_problems(loaded.report, "f"), "");
  const SampleSettings& settings = settings_of(loaded);
  EXPECT_EQ(settings.address.value, "there");
  EXPECT_EQ(settings.address.location.line, 7);
  EXPECT_EQ(settings.address.location.column, 35);
  EXPECT_EQ(settings.format, Format::cloudevents);
  EXPECT_EQ(settings.patience, std::chrono::seconds(2));
  EXPECT_EQ(settings.buffer.bytes, 1024u * 1024u);
  EXPECT_EQ(settings.port, 65535);
  EXPECT_EQ(settings.level, 2);
  EXPECT_TRUE(settings.eager);
  EXPECT_DOUBLE_EQ(settings.share, 0.25);
  EXPECT_EQ(settings.password.read().value(), "open-sesame");
  EXPECT_THAT(settings.hosts, ElementsAre("a", "b"));
  EXPECT_EQ(settings.options.at("x.y").value, "1");
  EXPECT_EQ(settings.options.at("z").location.line, 8);
}

TEST(Schema, KeepsTheDefaultsOfWhatIsNotWritten) {
  const Loaded loaded = ConfigurationText().load();
  ASSERT_FALSE(loaded.report.has_errors());
  EXPECT_EQ(settings_of(loaded).patience, std::chrono::milliseconds(1500));
  EXPECT_EQ(settings_of(loaded).level, std::nullopt);
  EXPECT_FALSE(settings_of(loaded).password.is_set());
}

TEST(Schema, NamesAnUnknownKeyAndWhatWasMeant) {
  EXPECT_EQ(problem_with("adress: x"), "f.yaml:10:5: error: unknown key \"adress\", did you mean \"address\"?\n");
  EXPECT_EQ(problem_with("reconect: {}"),
            "f.yaml:10:5: error: unknown key \"reconect\", did you mean \"reconnect\"?\n");
  EXPECT_EQ(problem_with("zzzzzz: x"), "f.yaml:10:5: error: unknown key \"zzzzzz\"\n");
}

TEST(Schema, RejectsADuplicateKey) {
  EXPECT_EQ(problem_with("address: there"), "f.yaml:10:5: error: duplicate key \"address\", first given in line 9\n");
  EXPECT_EQ(problem_with("options: { a: 1, a: 2 }"),
            "f.yaml:10:22: error: duplicate key \"a\", first given in line 10\n");
}

TEST(Schema, NamesWhatIsMissing) {
  EXPECT_EQ(problems_of_sink("    port: 2\n"), "f.yaml:8:5: error: missing \"address\"\n");
}

TEST(Schema, RejectsAWrongType) {
  EXPECT_EQ(problem_with("port: [1]"), "f.yaml:10:11: error: port: expected a whole number, found a list\n");
  EXPECT_EQ(problem_with("port: many"), "f.yaml:10:11: error: port: expected a whole number, found \"many\"\n");
  EXPECT_EQ(problem_with("port: 1.5"), "f.yaml:10:11: error: port: expected a whole number, found \"1.5\"\n");
  EXPECT_EQ(problem_with("eager: yes"), "f.yaml:10:12: error: eager: expected true or false, found \"yes\"\n");
  EXPECT_EQ(problem_with("share: nan"), "f.yaml:10:12: error: share: expected a number, found \"nan\"\n");
  EXPECT_EQ(problem_with("hosts: { a: 1 }"), "f.yaml:10:12: error: hosts: expected a text, found a map\n");
  EXPECT_EQ(problem_with("options: [a]"), "f.yaml:10:14: error: options: expected a map (name: value), found a list\n");
  EXPECT_THAT(problem_with("format:"), HasSubstr("format: expected one of raw, cloudevents, cloudevents_structured"));
}

TEST(Schema, RejectsWhatIsOutOfRange) {
  EXPECT_EQ(problem_with("level: 3"), "f.yaml:10:12: error: level: expected 0 to 2, found \"3\"\n");
  EXPECT_EQ(problem_with("port: 65536"), "f.yaml:10:11: error: port: expected 0 to 65535, found \"65536\"\n");
  EXPECT_EQ(problem_with("port: -1"), "f.yaml:10:11: error: port: expected 0 to 65535, found \"-1\"\n");
  EXPECT_EQ(problem_with("port: 99999999999999999999"),
            "f.yaml:10:11: error: port: expected a whole number, found \"99999999999999999999\"\n");
  EXPECT_EQ(problem_with("patience: 999ms"), "f.yaml:10:15: error: patience: expected 1s to 1m, found \"999ms\"\n");
  EXPECT_EQ(problem_with("buffer: 1000B"), "f.yaml:10:13: error: buffer: expected at least 1KiB, found \"1000B\"\n");
  EXPECT_EQ(problem_with("share: 1.5"), "f.yaml:10:12: error: share: expected at most 1, found \"1.5\"\n");
}

TEST(Schema, AsksForUnits) {
  EXPECT_THAT(problem_with("patience: 15"), HasSubstr("10:15: error: patience: expected a duration with its unit"));
  EXPECT_THAT(problem_with("patience: 15 s"), HasSubstr("expected a duration with its unit"));
  EXPECT_THAT(problem_with("patience: 99999999999999999d"), HasSubstr("expected a duration with its unit"));
  EXPECT_THAT(problem_with("buffer: 64k"), HasSubstr("expected a size with its unit"));
  EXPECT_EQ(problem_with("buffer: 2GB"), "");
}

TEST(Schema, SuggestsAChoice) {
  EXPECT_EQ(
      problem_with("format: cloudevent"),
      "f.yaml:10:13: error: format: expected one of raw, cloudevents, cloudevents_structured; found \"cloudevent\", "
      "did you mean \"cloudevents\"?\n");
}

TEST(Schema, TakesOneElementWithoutItsListWhereTheFieldSaysSo) {
  ConfigurationText text;
  text.sinks = "  first: { type: sample, address: x, hosts: one }\n";
  EXPECT_THAT(settings_of(text.load()).hosts, ElementsAre("one"));
}

TEST(Schema, TellsAllErrorsAtOnceInTheOrderOfTheFile) {
  const std::string problems = problems_of_sink("    portt: 1\n    port: x\n    level: 9\n    hosts: [{}]\n");
  EXPECT_EQ(problems,
            "f.yaml:8:5: error: missing \"address\"\n"
            "f.yaml:9:5: error: unknown key \"portt\", did you mean \"port\"?\n"
            "f.yaml:10:11: error: port: expected a whole number, found \"x\"\n"
            "f.yaml:11:12: error: level: expected 0 to 2, found \"9\"\n"
            "f.yaml:12:13: error: hosts: expected a text, found a map\n");
}

TEST(Schema, ChecksAcrossFieldsOnlyWhenTheyAreSound) {
  EXPECT_EQ(problem_with("eager: true"), "f.yaml:10:5: error: eager needs a port\n");
  EXPECT_THAT(problem_with("{ eager: true, port: x }"), Not(HasSubstr("eager needs a port")));
  EXPECT_EQ(problems_of_sink(std::string(minimal) + "    eager: true\n    port: x\n"),
            "f.yaml:11:11: error: port: expected a whole number, found \"x\"\n");
}

TEST(Schema, ChecksFieldsNextToOneThatIsWrong) {
  EXPECT_EQ(problems_of_sink(std::string(minimal) + "    eager: true\n    level: x\n"),
            "f.yaml:10:5: error: eager needs a port\n"
            "f.yaml:11:12: error: level: expected a whole number, found \"x\"\n");
  EXPECT_THAT(problems_of_sink("    eager: true\n"),
              AllOf(HasSubstr("missing \"address\""), HasSubstr("eager needs a port")));
}

TEST(Schema, TakesNoCheckOfAFieldThatIsNotDeclared) {
  EXPECT_THROW(Schema<BackoffConfig>("").check({"initial"}, [](const BackoffConfig&, const WrittenKeys&, Report&) {}),
               std::logic_error);
}

TEST(Schema, WritesDefaultsAsYaml) {
  EXPECT_EQ(Reader<Duration>::to_yaml(Duration(90'000)), "90s");
  EXPECT_EQ(Reader<Duration>::to_yaml(Duration(7'200'000)), "2h");
  EXPECT_EQ(Reader<Duration>::to_yaml(Duration(0)), "0ms");
  EXPECT_EQ(Reader<ByteSize>::to_yaml(ByteSize{3 * 1024}), "3KiB");
  EXPECT_EQ(Reader<std::string>::to_yaml("22"), "\"22\"");
  EXPECT_EQ(Reader<std::string>::to_yaml("a \"b\""), "\"a \\\"b\\\"\"");
  EXPECT_EQ(Reader<std::vector<std::string>>::to_yaml({"a", "b:c"}), "[a, \"b:c\"]");
  EXPECT_EQ(Reader<BackoffConfig>::to_yaml(BackoffConfig{Duration(500), Duration(60'000)}), "{maximum: 1m}");
}

}  // namespace
}  // namespace pbxbridge::config
