#include "app/plugins.hpp"
#include "cli/commands.hpp"
#include "numbered_events.hpp"
#include "pbxbridge/event.hpp"
#include "pbxbridge/program.hpp"
#include "spool/dead_letters/dead_letter_command.hpp"
#include "spool/store/rocksdb/store_database.hpp"
#include "spool/store/store_keys.hpp"
#include "spool_configuration.hpp"
#include "store_writer.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>

namespace pbxbridge::cli {
namespace {

namespace fs = std::filesystem;

using spool::StoreWriter;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

struct Said {
  int exit_code;
  std::string output;
  std::string errors;
};

class SpoolCommand : public testing::Test {
 protected:
  SpoolCommand() {
    write_configuration(file_, path(),
                        "sinks: { lake: { type: stdout } }\n"
                        "routes: [{ match: {}, to: { sink: lake } }]\n");
    StoreWriter writer(path());
    writer.append(0, 20);
    spool::Commit commit;
    for (std::uint64_t number = 0; number < 3; ++number)
      commit.letters.emplace_back(
          "lake", spool::DeadLetter{.event = spool::accepted_event(number, Sequence{number + 1}, writer->id()),
                                    .topic = topic});
    writer.write(std::move(commit));
  }
  fs::path path() const { return directory_ / "spool"; }

  Said run(SpoolRequest::Action action, bool json = true) {
    std::ostringstream output;
    std::ostringstream errors;
    const int exit_code = spool_command(file_, sources_, {.action = action, .json = json}, output, errors);
    return {exit_code, output.str(), errors.str()};
  }
  Said list_letters(const std::string& sink = "") {
    std::ostringstream output;
    std::ostringstream errors;
    const int exit_code = dead_letters_command(
        file_, sources_, {.action = DeadLettersRequest::Action::list, .sink = sink, .letter = "", .json = true}, output,
        errors);
    return {exit_code, output.str(), errors.str()};
  }
  static std::ptrdiff_t lines(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

  /// A letter that is not what was written, in a table that is as it was written.
  void spoil_a_letter() {
    const auto database = spool::open_database(path());
    ASSERT_TRUE(database);
    const std::string sink = spool::store_key::of_sink("", "lake");
    ASSERT_TRUE(database->rocksdb->Put({}, database->letters(), sink + "spoiled", "no letter").ok());
  }
  /// A bit of the table that holds the letters.
  void flip_a_bit_beside_the_letters() {
    spool::open_store(path());  // writes what stands in the log to tables
    for (const auto& entry : fs::directory_iterator(path() / "store")) {
      std::ifstream in(entry.path(), std::ios::binary);
      std::string bytes(std::istreambuf_iterator<char>(in), {});
      const auto place = bytes.find(topic);
      if (entry.path().extension() != ".sst" || place == std::string::npos) continue;
      bytes[place] ^= 1;
      std::ofstream(entry.path(), std::ios::binary | std::ios::trunc) << bytes;
      return;
    }
    FAIL() << "no table holds the letters";
  }

  static constexpr const char* topic = "calls-that-were-rejected";
  const test::TemporaryDirectory directory_;
  const fs::path file_ = directory_ / "bridge.yaml";
  app::Plugins sources_{built_in_sink_types()};
};

TEST_F(SpoolCommand, ASoundSpoolIsCalledSound) {
  const Said verified = run(SpoolRequest::Action::verify);
  EXPECT_EQ(verified.exit_code, 0) << verified.errors;
  EXPECT_EQ(nlohmann::json::parse(verified.output),
            (nlohmann::json{{"events", 20}, {"damages", 0}, {"dead_letters", 3}, {"damaged_dead_letters", 0}}));
  EXPECT_EQ(run(SpoolRequest::Action::stat).exit_code, 0);
  const Said listed = list_letters();
  EXPECT_EQ(listed.exit_code, 0);
  EXPECT_EQ(lines(listed.output), 3);
  EXPECT_THAT(listed.errors, IsEmpty());
}

TEST_F(SpoolCommand, EachLineForPeopleHasAllItsColumns) {
  const Said listed = run(SpoolRequest::Action::list, false);
  EXPECT_EQ(lines(listed.output), 20);
  EXPECT_THAT(listed.output, HasSubstr("  -  ")) << "events without a type are among them";
  EXPECT_THAT(listed.output, Not(HasSubstr("   ")));
}

TEST_F(SpoolCommand, CountsOneInTheSingular) {
  {
    StoreWriter writer(path());
    spool::Commit commit;
    commit.cursors["board"] = Sequence{writer->last().value - 1};
    commit.letters.emplace_back("board",
                                spool::DeadLetter{.event = spool::accepted_event(1, Sequence{2}, writer->id())});
    writer.write(std::move(commit));
  }
  EXPECT_THAT(run(SpoolRequest::Action::stat, false).output,
              HasSubstr("sink board       1 event not acknowledged, 1 dead letter (not in the configuration)\n"));
}

/// Clears the screen, reorders what follows, and moves the cursor by a control character of eight bits.
constexpr std::string_view orders =
    "\x1b[2J \xe2\x80\xae \xc2\x9b"
    "1A \x7f";

bool holds_orders(const std::string& text) {
  return std::ranges::any_of(std::array<std::string_view, 4>{"\x1b", "\xe2\x80\xae", "\xc2\x9b", "\x7f"},
                             [&](auto order) { return text.find(order) != std::string::npos; });
}

TEST_F(SpoolCommand, WhatATerminalWouldObeyIsEscaped) {
  EventAttributes attributes;
  attributes.pbx = "hq";
  attributes.event_type = "call_start";
  const auto event = Event::make(orders, attributes);
  spool::DeadLetter letter{.event = event, .topic = "calls/" + std::string(orders), .reason = std::string(orders)};
  {
    StoreWriter writer(path());
    event->accept(Sequence{1}, writer->id());
    spool::Commit commit;
    commit.letters.emplace_back("lake", letter);
    writer.write(std::move(commit));
  }
  const auto letters = [this, &letter](DeadLettersRequest request) {
    if (request.action == DeadLettersRequest::Action::show) request.letter = spool::to_hex(dead_letter_key(letter));
    std::ostringstream output;
    std::ostringstream errors;
    EXPECT_EQ(dead_letters_command(file_, sources_, request, output, errors), 0) << errors.str();
    return output.str();
  };
  using Action = DeadLettersRequest::Action;
  for (const bool json : {true, false})
    for (const Action action : {Action::list, Action::show}) {
      const std::string output = letters({.action = action, .json = json});
      EXPECT_THAT(output, HasSubstr("\\u202e"));
      EXPECT_FALSE(holds_orders(output)) << output;
    }
  EXPECT_THAT(letters({.action = Action::show, .raw = true}), HasSubstr(orders));
  EXPECT_EQ(nlohmann::json::parse(letters({.action = Action::show, .json = true}))["payload"], orders);
}

TEST_F(SpoolCommand, ALetterThatCannotBeReadIsTold) {
  spoil_a_letter();
  const Said verified = run(SpoolRequest::Action::verify);
  EXPECT_EQ(verified.exit_code, 74);
  EXPECT_EQ(nlohmann::json::parse(verified.output),
            (nlohmann::json{{"events", 20}, {"damages", 0}, {"dead_letters", 3}, {"damaged_dead_letters", 1}}));
  EXPECT_THAT(verified.errors, HasSubstr("1 dead letter"));
  for (const char* sink : {"", "lake"}) {
    const Said listed = list_letters(sink);
    EXPECT_EQ(listed.exit_code, 74);
    EXPECT_EQ(lines(listed.output), 3);
    EXPECT_THAT(listed.errors, HasSubstr("1 dead letter"));
  }
  EXPECT_EQ(list_letters("board").exit_code, 0) << "it is none of that sink's";
}

TEST_F(SpoolCommand, DamageOfWhatIsNoEventIsTold) {
  flip_a_bit_beside_the_letters();
  for (const auto action : {SpoolRequest::Action::stat, SpoolRequest::Action::verify, SpoolRequest::Action::list}) {
    const Said said = run(action);
    EXPECT_EQ(said.exit_code, 74);
    EXPECT_THAT(said.errors, HasSubstr("Corruption"));
    EXPECT_THAT(said.output, Not(IsEmpty()));
  }
  const Said listed = list_letters();
  EXPECT_EQ(listed.exit_code, 74);
  EXPECT_THAT(listed.errors, HasSubstr("Corruption"));
  EXPECT_FALSE(fs::exists(path() / "quarantine")) << "it only looks";
}

}  // namespace
}  // namespace pbxbridge::cli
