#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// Frames (RFC 6455, 5.2) and payloads that a client does not see every day.
namespace pbxbridge::sim::hostile {

/// The head of a text frame and the first half of what it announces.
std::string half_frame();

/// The text in `count` frames, each with its share, and a ping behind each but the last. Shares may be empty.
std::string fragments(std::string_view text, std::uint32_t count);

std::string pings(std::uint32_t count);

/// An event in JSON of exactly so many bytes.
std::string huge_event(std::size_t bytes);

/// An event in JSON whose deepest array has `depth` arrays around it and itself.
std::string deep_event(std::uint32_t depth);

/// An event with the name Müller in Latin-1.
std::string latin_1_event();

}  // namespace pbxbridge::sim::hostile
