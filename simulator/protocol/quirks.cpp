#include "simulator/protocol/quirks.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace pbxbridge::sim {

namespace {

using nlohmann::ordered_json;

/// States that a later event corrects, and reasons by which nothing is counted.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> misspellings{{
    {"ON_CALL", "ON_ACLL"},
    {"RINGING", "RINGNG"},
    {"DO_NOT_DISTURB", "DO_NOT_DISTRUB"},
    {"caller_disconnected", "caller_disconnect"},
    {"callee_disconnected", "callee_disconnect"},
}};

/// Fields that the vendor's samples have as a number in one place and as a text in another, or that are as small.
constexpr std::array<std::string_view, 6> counts{"status_code",     "talk_duration", "ring_duration",
                                                 "waiting_callers", "position",      "total_callers_breached"};

constexpr std::array<std::string_view, 3> unknown_types{"extension_recording_started", "call_transcribed",
                                                        "queue_mood_changed"};

constexpr std::array<std::string_view, 12> names{
    "Łukasz Żółć",      "Ольга Иванова", "王小明",     "محمد علي\u200f", "\u202bשרה כהן\u202c", "👩‍💻 Ada Byron",
    "Zoe\u0308 O'Hara", "ज्योति शर्मा",    "田中　花子", "İpek Yılmaz",    "Νίκος <Sales>",       "Jörg & Søn 🇩🇰"};

}  // namespace

std::string Quirks::apply(std::string_view event) {
  if (random_.chance(40)) return std::string(event);
  auto object = ordered_json::parse(event);
  if (random_.chance(20)) misspell(object);
  if (random_.chance(30)) mix_kinds(object);
  if (random_.chance(60)) object = shuffled(object);
  auto text = object.dump(-1, ' ', random_.chance(30));
  return random_.chance(25) ? with_repeated_key(text, object) : text;
}

std::optional<std::string> Quirks::unknown_event(std::string_view tenant_id) {
  if (!random_.chance(2)) return std::nullopt;
  return fmt::format(R"({{"event_type":"{}","tenant_id":"{}","detail":{{"level":{}}}}})", random_.one_of(unknown_types),
                     tenant_id, random_.below(10));
}

void Quirks::misspell(ordered_json& value) {
  if (value.is_structured()) std::ranges::for_each(value, misspell);
  if (!value.is_string()) return;
  for (const auto& [right, wrong] : misspellings)
    if (value.get_ref<const std::string&>() == right) value = wrong;
}

void Quirks::mix_kinds(ordered_json& value) {
  if (!value.is_structured()) return;
  for (auto& [key, field] : value.items())
    if (std::ranges::find(counts, key) == counts.end())
      mix_kinds(field);
    else if (field.is_number())
      field = field.dump();
    else
      field = std::stoll(field.get<std::string>());
}

ordered_json Quirks::shuffled(const ordered_json& object) {
  std::vector<std::pair<std::string, ordered_json>> fields;
  for (const auto& [key, value] : object.items()) fields.emplace_back(key, value);
  for (std::size_t i = fields.size(); i > 1; --i) std::swap(fields[i - 1], fields[random_.below(i)]);
  ordered_json result = ordered_json::object();
  for (auto& [key, value] : fields) result[key] = std::move(value);
  return result;
}

/// Repeats a key with the same value, as in the vendor's samples.
std::string Quirks::with_repeated_key(const std::string& text, const ordered_json& object) {
  const auto field = object.contains("username")
                         ? object.find("username")
                         : std::next(object.begin(), static_cast<std::ptrdiff_t>(random_.below(object.size())));
  return text.substr(0, text.size() - 1) + "," + ordered_json(field.key()).dump() + ":" + field.value().dump() + "}";
}

void name_in_many_scripts(Installation& installation) {
  for (auto& tenant : installation.tenants)
    for (std::size_t i = 0; i < tenant.extensions.size(); ++i) tenant.extensions[i].name = names[i % names.size()];
}

}  // namespace pbxbridge::sim
