#pragma once

#include <string>
#include <string_view>

namespace pbxbridge::bench {

/// The attributes that CloudEvents 1.0 requires of an event; empty where a message does not have one. None of them may
/// be empty, so that this tells all.
struct CloudEvent {
  std::string_view specversion;
  std::string_view id;
  std::string_view source;
  std::string_view type;

  /// `name` without a protocol's prefix; attributes that are not required are passed over.
  void set(std::string_view name, std::string_view value);
};

/// Describes what is wrong with the attributes, as a clause; empty: nothing.
std::string fault_of(const CloudEvent& event);

}  // namespace pbxbridge::bench
