#include "state_judge.hpp"

#include "support/expected_state.hpp"

#include <fmt/format.h>

#include <map>
#include <string_view>

namespace pbxbridge::test {

namespace {

using nlohmann::json;

/// Returns calls by session.
std::map<std::string, json> calls_in(const ModelState& model) {
  std::map<std::string, json> calls;
  for (const auto& part : model)
    if (part.at("event_type") == "open_call") calls.emplace(part.at("id"), part);
  return calls;
}

/// An agent's document counts as that of its queue.
bool is_in(const ExpectedDocuments& documents, std::string key) {
  constexpr std::string_view agent = " state_agent ";
  if (const auto place = key.find(agent); place != key.npos) {
    key.replace(place, agent.size(), " state_queue ");
    key.resize(key.rfind('.'));
  }
  return documents.contains(key);
}

}  // namespace

/// The PBX tells only the number of a queue that is created or renamed, and only the names of a new extension, until
/// the next snapshot. So a new queue has no document, and a new extension half of one.
std::string difference_from_model(const StateDocuments& documents, const ModelState& model,
                                  const ModelState& at_connection) {
  auto expected = expected_documents(model);
  const auto before = expected_documents(at_connection);
  ExpectedDocuments found;
  for (const auto& [name, text] : documents) {
    if (name.starts_with("state_call/")) continue;
    const auto document = json::parse(text);
    const std::string type = document.at("event_type");
    const auto key = key_of_document(document.at("tenant"), type, name.substr(name.rfind('/') + 1));
    const bool is_half = type == "state_extension" && expected.contains(key) && !before.contains(key);
    if (!is_half) found[key] = document;
  }
  std::erase_if(expected, [&](const auto& entry) { return !is_in(before, entry.first); });
  for (auto& [key, document] : expected)
    if (document.contains("queue_number")) document["name"] = before.at(key).at("name");
  return difference(expected, found);
}

std::string ended_call(const StateDocuments& documents, const ModelState& model) {
  const auto open = calls_in(model);
  for (const auto& [name, text] : documents)
    if (name.starts_with("state_call/") && !open.contains(name.substr(name.rfind('/') + 1)))
      return name + " has ended: " + text;
  return {};
}

std::string difference_of_new_calls(const StateDocuments& documents, const ModelState& model,
                                    const ModelState& at_connection) {
  const auto before = calls_in(at_connection);
  for (const auto& [session, call] : calls_in(model)) {
    if (before.contains(session)) continue;
    const std::string tenant = call.at("tenant_id");
    const auto document = documents.find(fmt::format("state_call/{}/{}", tenant, session));
    if (document == documents.end()) return "no document of " + call.dump();
    const auto found = json::parse(document->second);
    if (found.at("caller") != call.at("caller") || found.at("callee") != call.at("callee") ||
        (found.at("answered") != 0) != !call.at("answered_at").get_ref<const std::string&>().empty())
      return document->second + " should be " + call.dump();
  }
  return {};
}

}  // namespace pbxbridge::test
