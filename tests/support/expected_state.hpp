#pragma once

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace pbxbridge::test {

/// Fields that the documents of extensions, queues and agents must have, by `TENANT EVENT_TYPE ENTITY`.
using ExpectedDocuments = std::map<std::string, nlohmann::json>;

inline std::string key_of_document(const std::string& tenant, const std::string& event_type,
                                   const std::string& entity) {
  return tenant + " " + event_type + " " + entity;
}

inline void expect_extensions(const nlohmann::json& statuses, ExpectedDocuments& expected) {
  const std::string tenant = statuses.at("tenant_id");
  for (const auto& status : statuses.at("status")) {
    const std::string address = status.at("extension");
    const std::string number = address.substr(4, address.find('@') - 4);
    auto& document = expected[key_of_document(tenant, "state_extension", number)];
    for (const char* name : {"extension_id", "online", "push_online", "presence", "presence_note", "call_status"})
      document[name] = status.at(name);
  }
}

inline std::string word_for_agent(std::string state) {
  std::ranges::transform(state, state.begin(),
                         [](unsigned char each) { return static_cast<char>(std::tolower(each)); });
  return state == "online" ? "logged_out" : state;
}

inline void expect_queue(const nlohmann::json& status, ExpectedDocuments& expected) {
  const std::string tenant = status.at("tenant_id");
  const std::string id = status.at("queue_id");
  nlohmann::json queue = {{"queue_number", status.at("queue_number")},
                          {"name", status.at("queue_name")},
                          {"waiting", 0},
                          {"callbacks", 0},
                          {"longest_wait_since", 0}};
  for (const char* state : {"ready", "queue_call", "wrap_up", "other_call", "not_ready", "logged_out", "offline"})
    queue["agents_" + std::string(state)] = 0;
  for (const auto& agent : status.at("agents")) {
    const std::string entity = id + "." + agent.at("agent_extension_number").get<std::string>();
    const std::string state = word_for_agent(agent.at("state"));
    auto& count = queue["agents_" + state];
    count = count.get<int>() + 1;
    expected[key_of_document(tenant, "state_agent", entity)] = {
        {"state", state},
        {"session", agent.at("session_id")},
        {"since", std::stoll(agent.at("timestamp").get<std::string>())}};
  }
  std::int64_t longest = 0;
  for (const auto& caller : status.at("waiting_list")) {
    const bool is_callback = caller.at("type") == "callback";
    auto& count = queue[is_callback ? "callbacks" : "waiting"];
    count = count.get<int>() + 1;
    const std::int64_t since = std::stoll(caller.at("timestamp").get<std::string>());
    if (!is_callback && (longest == 0 || since < longest)) longest = since;
  }
  queue["longest_wait_since"] = longest;
  expected[key_of_document(tenant, "state_queue", id)] = queue;
}

/// Derives documents from the state of the simulated PBX's model (simulator/server/model_state.hpp), calls apart.
inline ExpectedDocuments expected_documents(const std::vector<nlohmann::json>& model_state) {
  ExpectedDocuments expected;
  for (const auto& part : model_state) {
    if (part.at("event_type") == "extension_status") expect_extensions(part, expected);
    if (part.at("event_type") == "queue_status") expect_queue(part, expected);
  }
  return expected;
}

/// Describes what differs in `found`, by the same keys; empty: nothing.
inline std::string difference(const ExpectedDocuments& expected, const ExpectedDocuments& found) {
  for (const auto& [key, fields] : expected) {
    const auto document = found.find(key);
    if (document == found.end()) return key + " is missing";
    for (const auto& [name, value] : fields.items())
      if (document->second.value(name, nlohmann::json()) != value)
        return key + ": " + name + " should be " + value.dump() + " in " + document->second.dump();
  }
  for (const auto& [key, document] : found)
    if (!expected.contains(key)) return key + " is left over: " + document.dump();
  return {};
}

}  // namespace pbxbridge::test
