// An event as a line of JSON, as files and standard output have it: each is one line that another parser reads, with
// the payload in it.

#include "event/classifier.hpp"
#include "fuzz/check.hpp"
#include "fuzz/unicode.hpp"
#include "pbxbridge/event.hpp"
#include "sink/event_line.hpp"

#include <nlohmann/json.hpp>

using pbxbridge::fuzz::check;
using namespace pbxbridge;

namespace {

/// RFC 4648, section 4.
std::string from_base64(std::string_view text) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char digit : text.substr(0, text.find('='))) {
    bits = bits << 6 | static_cast<std::uint32_t>(digits.find(digit));
    if ((count += 6) < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xffU);
  }
  return bytes;
}

/// `data` is null where the line has none.
void check_data(const nlohmann::json& data, const nlohmann::json& holder, const nlohmann::json& payload,
                const Event& event) {
  if (event.payload_kind() != PayloadKind::not_json)
    check(data == payload, "the payload is the same value");
  else if (fuzz::is_utf8(event.payload()))
    check(data == event.payload(), "a payload that is no JSON is a string");
  else
    check(from_base64(holder.at("data_base64").get<std::string>()) == event.payload(), "other bytes are in Base64");
}

void check_cloudevent(const nlohmann::json& line, const nlohmann::json& payload, const Event& event) {
  check(line.at("specversion") == "1.0" && line.at("source") == "/pbx/hq", "the required attributes are there");
  check(!line.at("id").get<std::string>().empty() && !line.at("type").get<std::string>().empty(), "so are these");
  for (const auto& [name, value] : line.items()) {
    if (name == "data" || name == "data_base64") continue;
    check(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") == std::string::npos && name.size() <= 20,
          "an attribute has a name that CloudEvents allows");
    check(fuzz::all_code_points(value.get<std::string>(),
                                [](auto point) { return !fuzz::is_control(point) && !fuzz::is_noncharacter(point); }),
          "an attribute has a value that CloudEvents allows");
  }
  check_data(line.value("data", nlohmann::json()), line, payload, event);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static event::Classifier classifier;
  const std::string_view text = fuzz::text_of(data, size);
  const auto event = classifier.classify(text, "hq", SystemTime(std::chrono::seconds(1'764'000'000)), 1).event;
  event->accept(Sequence{1}, SpoolId{1});
  const auto payload = nlohmann::json::parse(text, nullptr, false);
  for (const auto format : {Format::raw, Format::cloudevents_structured}) {
    const std::string line = sink::event_line(*event, format, size % 2 == 0);
    check(line.find('\n') == line.size() - 1, "a line is one line");
    // A lone surrogate or a number beyond its range, which stay as they are, the other parser does not take.
    if (event->payload_kind() != PayloadKind::not_json && payload.is_discarded()) continue;
    const auto json = nlohmann::json::parse(line, nullptr, false);
    check(!json.is_discarded(), "a line is JSON");
    if (format == Format::raw)
      check_data(json, json, payload, *event);
    else
      check_cloudevent(json, payload, *event);
  }
  return 0;
}
