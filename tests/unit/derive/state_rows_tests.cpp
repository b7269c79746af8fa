#include "derive/state/row_codec.hpp"
#include "derive/state/row_key.hpp"
#include "state_fixture.hpp"

#include <string>

namespace pbxbridge::derive::state {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::vector<std::pair<TableKind, Row>> samples = {
    {TableKind::extension, ExtensionRow{"71", "Ada", "AWAY", "back", "RINGING", true, true, false, 5, 6}},
    {TableKind::queue, QueueRow{"8001", "Sales", {1, 2, 3, 4, 5, 6}, 7}},
    {TableKind::agent, AgentRow{AgentState::wrap_up, "9", 5, 6}},
    {TableKind::caller, CallerRow{true, 5}},
    {TableKind::call, CallRow{CallStatus::talking, "inbound", "1555", "8001", 1, 2, 3}}};

TEST(StoredRow, IsReadAsItWasWritten) {
  for (const auto& [kind, row] : samples) {
    const auto bytes = encode_row(row);
    EXPECT_EQ(bytes.size(), encoded_size(row));
    EXPECT_EQ(decode_row(kind, bytes), row) << to_string(kind);
  }
}

TEST(StoredRow, HasTheseBytes) {
  EXPECT_EQ(encode_row(CallerRow{true, 0x0102}), std::string("\x01\x01\x02\x01\0\0\0\0\0\0", 10));
  EXPECT_EQ(encode_row(AgentRow{AgentState::wrap_up, "9", 1, 2}), std::string("\x01\x02\x01\0"
                                                                              "9\x01\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0",
                                                                              21));
  EXPECT_EQ(stored_key(TableKind::agent, name_in_queue(row_name("hq", "1", "8"), "101")), std::string("ahq\0"
                                                                                                      "1\0"
                                                                                                      "8\0"
                                                                                                      "101",
                                                                                                      11));
}

TEST(StoredRow, OfAnotherVersionOrDamagedIsNone) {
  for (const auto& [kind, row] : samples) {
    const auto bytes = encode_row(row);
    for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(decode_row(kind, bytes.substr(0, size)));
    EXPECT_FALSE(decode_row(kind, bytes + "x"));
    std::string of_another_version = bytes;
    of_another_version[0] = 2;
    EXPECT_FALSE(decode_row(kind, of_another_version));
  }
  EXPECT_FALSE(decode_row(TableKind::caller, std::string("\x01\x02\0\0\0\0\0\0\0\0", 10))) << "no boolean";
  EXPECT_FALSE(decode_row(TableKind::agent, std::string("\x01\x09\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20)))
      << "no state";
}

TEST(StoredKey, OfNoTableIsNone) {
  EXPECT_FALSE(read_stored_key(""));
  EXPECT_FALSE(read_stored_key(std::string("zhq\0001\0008", 7)));
  EXPECT_FALSE(read_stored_key("ehq"));
  EXPECT_FALSE(read_stored_key(std::string("ahq\0001\0008", 7))) << "an agent has a queue and an extension";
  EXPECT_TRUE(read_stored_key(std::string("ehq\0001\0008", 7)));
}

const char* const status =
    R"({"event_type":"queue_status","tenant_id":"1","queue_id":"8","queue_number":"8001","queue_name":"Sales",)"
    R"("waiting_list":[{"session_id":"5","timestamp":"1764000000","type":"normal"}],)"
    R"("agents":[{"state":"READY","agent_extension_number":"101","session_id":"","timestamp":"1764000000"}]})";

TEST(StoredRows, ThatCannotBeReadAreLeftOutAndRemoved) {
  Following following;
  following.receive(status);
  following.receive(R"({"event_type":"call_start","session_id":"9","tenant_id":"1"})");
  ASSERT_EQ(following.rows.size(), 4U);
  following.rows[stored_key(TableKind::call, row_name("hq", "1", "9"))] = "\x07";
  following.rows["what is this"] = "";
  following.rows[stored_key(TableKind::agent, name_in_queue(row_name("hq", "1", "lost"), "101"))] =
      encode_row(AgentRow());
  following.restart();
  following.pass_time(noon);
  EXPECT_EQ(following.rows.size(), 3U);
  EXPECT_THAT(following.receive(status), IsEmpty()) << "what can be read is as it was";
}

TEST(StoredRows, KeepWhatWasCountedAndMeasured) {
  Following following;
  following.receive(status);
  const auto bytes = following.fold().tables().bytes();
  std::size_t stored = 0;
  for (const auto& [key, row] : following.rows) stored += key.size() + row.size();
  EXPECT_EQ(bytes, stored);
  following.restart();
  EXPECT_EQ(following.fold().tables().bytes(), stored);
  const auto& queue = following.fold().tables().queues().begin()->second;
  EXPECT_EQ(queue.counts.waiting, 1U);
  EXPECT_EQ(queue.counts.agents[0], 1U);
}

TEST(Tables, KnowTheQueuesOfEachAgent) {
  Following following;
  const auto queues_of = [&](const char* extension) {
    return following.fold().tables().queues_of(row_name("hq", "1", extension)).size();
  };
  const auto status_of = [](const char* id, const std::string& agents) {
    return R"({"event_type":"queue_status","tenant_id":"1","queue_id":")" + std::string(id) + R"(","queue_number":")" +
           id + R"(","agents":[)" + agents + "]}";
  };
  const std::string agents =
      R"({"state":"READY","agent_extension_number":"101"},{"state":"READY","agent_extension_number":"102"})";
  following.receive(status_of("8", agents));
  following.receive(status_of("9", agents));
  following.receive(status_of("9", agents));
  EXPECT_EQ(queues_of("101"), 2U);
  following.receive(status_of("9", R"({"state":"READY","agent_extension_number":"102"})"));
  EXPECT_EQ(queues_of("101"), 1U);
  EXPECT_EQ(queues_of("102"), 2U);
  following.receive(R"({"event_type":"queue_destroy","tenant_id":"1","queue_number":"8"})");
  EXPECT_EQ(queues_of("101"), 0U);
  EXPECT_THAT(following.receive(
                  R"({"event_type":"extension_created","tenant_id":"1","extension_number":"102","disp_name":"Ann"})"),
              ElementsAre("state_agent"));
  following.restart();
  EXPECT_EQ(queues_of("102"), 1U);
}

TEST(Tables, TakeNoMoreThanTheirBounds) {
  config::StateConfig settings;
  settings.max_extensions = settings.max_queues = settings.max_agents = settings.max_calls = 1;
  Following following(settings);
  const auto extension = [](const char* number) {
    return R"({"event_type":"extension_status","tenant_id":"1","status":[{"extension":")" + std::string(number) +
           R"(","online":true}]})";
  };
  EXPECT_THAT(following.receive(extension("101")), ElementsAre("state_extension"));
  EXPECT_THAT(following.receive(extension("102")), IsEmpty());
  following.receive(R"({"event_type":"extension_call","extension":"101","call_status":"ON_CALL","tenant_id":"1"})");
  EXPECT_EQ(following.document("extension", "101")["state"], "on_call") << "what is followed is followed on";
  following.receive(status);
  EXPECT_THAT(
      following.receive(R"({"event_type":"queue_status","tenant_id":"1","queue_id":"9","queue_number":"8002"})"),
      IsEmpty());
  following.receive(
      R"({"event_type":"queue_agent_status","queue_id":"8","tenant_id":"1","updated_agents":[{"state":"READY","agent_extension_number":"102"}]})");
  EXPECT_EQ(following.document("queue", "8")["agents_ready"], 1);
  following.receive(R"({"event_type":"call_start","session_id":"9","tenant_id":"1"})");
  EXPECT_THAT(following.receive(R"({"event_type":"call_start","session_id":"10","tenant_id":"1"})"), IsEmpty());
  EXPECT_THAT(following.receive(R"({"event_type":"call_cdr","session_id":"9","tenant_id":"1"})"),
              ElementsAre("-state_call"));
  EXPECT_THAT(following.receive(R"({"event_type":"call_start","session_id":"10","tenant_id":"1"})"),
              ElementsAre("state_call"));
}

TEST(Tables, TakeNoMoreBytesThanTheirBound) {
  config::StateConfig settings;
  settings.max_size = {64 * 1024};
  Following following(settings);
  for (int number = 0; number < 2000; ++number)
    following.receive(R"({"event_type":"extension_status","tenant_id":"1","status":[{"extension":")" +
                      std::to_string(number) + R"(","online":true,"presence_note":")" + std::string(500, 'x') +
                      R"("}]})");
  EXPECT_LT(following.fold().tables().bytes(), 64U * 1024 + 1024);
  EXPECT_GT(following.fold().tables().bytes(), 64U * 1024 - 1024);
}

}  // namespace
}  // namespace pbxbridge::derive::state
