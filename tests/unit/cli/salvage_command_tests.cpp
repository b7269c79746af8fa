#include "app/plugins.hpp"
#include "cli/commands.hpp"
#include "numbered_events.hpp"
#include "pbxbridge/event.hpp"
#include "pbxbridge/program.hpp"
#include "spool_configuration.hpp"
#include "store_writer.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace pbxbridge::cli {
namespace {

namespace fs = std::filesystem;

using spool::StoreWriter;

/// A spool that has lost its events, whose files stand elsewhere.
class SalvageCommand : public testing::Test {
 protected:
  SalvageCommand() {
    write_configuration(file_, path(),
                        "sinks: { lake: { type: stdout }, wallboard: { type: stdout } }\n"
                        "routes: [{ match: {}, to: { sink: lake } }, { match: {}, to: { sink: wallboard } }]\n");
    StoreWriter writer(path());
    auto commit = writer.commit_of(0, 20);
    ids_ = ids_of(commit.events);
    commit.letters.emplace_back("lake", spool::DeadLetter{.event = commit.events.front(), .topic = "calls"});
    writer.write(std::move(commit));
  }

  fs::path path() const { return directory_ / "spool"; }
  fs::path backup() const { return directory_ / "backup"; }

  /// The sink `lake` has passed the gap by then, `wallboard` has not come to it.
  void lose_everything() {
    fs::copy(path() / "store", backup());
    for (const auto& entry : fs::directory_iterator(path() / "store")) fs::remove(entry.path());
    StoreWriter writer(path());
    ASSERT_FALSE(writer->damages().empty());
    spool::Commit commit;
    std::uint64_t number = 0;
    for (const auto& damage : writer->damages())
      commit.gaps.emplace_back(
          number++, spool::Gap{.reason = spool::GapReason::corrupted, .after = damage.after, .before = damage.before});
    commit.cursors = {{"lake", Sequence{writer.next().value - 1}}, {"wallboard", Sequence{}}};
    writer.write(std::move(commit));
  }

  nlohmann::json salvage() {
    std::ostringstream output;
    std::ostringstream errors;
    EXPECT_EQ(salvage_command(file_, sources_, {.directory = backup(), .json = true}, output, errors), 0)
        << errors.str();
    return nlohmann::json::parse(output.str(), nullptr, false);
  }

  static std::vector<std::string> ids_of(const std::vector<EventPtr>& events) {
    std::vector<std::string> ids;
    for (const auto& event : events) ids.emplace_back(event->id());
    return ids;
  }
  std::vector<std::string> files_of_backup() const {
    std::vector<std::string> files;
    for (const auto& entry : fs::directory_iterator(backup()))
      files.push_back(entry.path().string() + " " + std::to_string(entry.file_size()));
    std::ranges::sort(files);
    return files;
  }

  const test::TemporaryDirectory directory_;
  const fs::path file_ = directory_ / "bridge.yaml";
  app::Plugins sources_{built_in_sink_types()};
  std::vector<std::string> ids_;
};

TEST_F(SalvageCommand, PutsBackWhatEachSinkHasMissed) {
  lose_everything();
  const auto before = files_of_backup();
  const auto said = salvage();
  EXPECT_EQ(said["events_found"], 20) << said;
  EXPECT_EQ(said["events_put_back"], 20);
  EXPECT_EQ(said["redriven"], (nlohmann::json{{"lake", 20}}));
  EXPECT_EQ(said["dead_letters_put_back"], 1);
  EXPECT_EQ(files_of_backup(), before) << "it only reads there";
  EXPECT_FALSE(fs::exists(path() / "store.put_back"));
  const auto store = spool::open_store(path());
  EXPECT_EQ(ids_of(spool::read_all(*store).events), ids_);
  const auto redriven = store->letters().marked_for_redrive("lake", "", 100, 1'000'000);
  std::vector<EventPtr> events;
  for (const auto& letter : redriven) events.push_back(letter.event);
  EXPECT_EQ(ids_of(events), ids_);
}

TEST_F(SalvageCommand, PutsBackNothingThatIsThere) {
  fs::copy(path() / "store", backup());
  const auto said = salvage();
  EXPECT_EQ(said["events_there"], 20) << said;
  EXPECT_EQ(said["events_put_back"], 0);
  EXPECT_TRUE(said["redriven"].empty());
  EXPECT_EQ(spool::read_all(*spool::open_store(path())).events.size(), 20U);
}

TEST_F(SalvageCommand, RejectsTheFilesOfAnotherSpool) {
  { StoreWriter(directory_ / "other").append(0, 5); }
  std::ostringstream output;
  std::ostringstream errors;
  EXPECT_EQ(salvage_command(file_, sources_, {.directory = directory_ / "other/store"}, output, errors), 74);
  EXPECT_NE(errors.str().find("another spool"), std::string::npos) << errors.str();
}

}  // namespace
}  // namespace pbxbridge::cli
