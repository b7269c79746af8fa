#include "simulator/faults/hostile_frames.hpp"

#include "simulator/protocol/frame_buffer.hpp"

namespace pbxbridge::sim::hostile {

namespace {

constexpr std::size_t bytes_of_halved_event = 1000;

}  // namespace

std::string half_frame() {
  std::string bytes;
  append_frame(bytes, huge_event(bytes_of_halved_event), Opcode::text);
  bytes.resize(bytes.size() / 2);
  return bytes;
}

std::string fragments(std::string_view text, std::uint32_t count) {
  std::string bytes;
  for (std::uint32_t i = 0; i < count; ++i) {
    const bool is_last = i + 1 == count;
    const auto share = text.substr(0, is_last ? text.size() : text.size() / (count - i));
    text.remove_prefix(share.size());
    append_frame(bytes, share, i == 0 ? Opcode::text : Opcode::continuation, is_last);
    if (!is_last) append_frame(bytes, "", Opcode::ping);
  }
  return bytes;
}

std::string pings(std::uint32_t count) {
  std::string bytes;
  for (std::uint32_t i = 0; i < count; ++i) append_frame(bytes, "", Opcode::ping);
  return bytes;
}

std::string huge_event(std::size_t bytes) {
  const std::string begin = R"({"event_type":"call_update_info","user_data":")";
  const std::string end = R"("})";
  return begin + std::string(bytes - begin.size() - end.size(), 'x') + end;
}

std::string deep_event(std::uint32_t depth) {
  return R"({"event_type":"call_update_info","user_data":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
}

std::string latin_1_event() { return "{\"event_type\":\"call_update_info\",\"caller_display_name\":\"M\xfcller\"}"; }

}  // namespace pbxbridge::sim::hostile
