#include "event/sip_uri.hpp"

#include <algorithm>
#include <initializer_list>

namespace pbxbridge::event {

namespace {

bool begins_with_ignoring_case(std::string_view text, std::string_view lower_case) {
  if (text.size() < lower_case.size()) return false;
  return std::equal(lower_case.begin(), lower_case.end(), text.begin(),
                    [](char expected, char actual) { return expected == (actual | 0x20) || expected == actual; });
}

}  // namespace

std::string_view sip_user(std::string_view uri) {
  if (const auto bracket = uri.find('<'); bracket != std::string_view::npos) uri.remove_prefix(bracket + 1);
  for (const std::string_view scheme : {"sip:", "sips:", "tel:"}) {
    if (!begins_with_ignoring_case(uri, scheme)) continue;
    uri.remove_prefix(scheme.size());
    break;
  }
  return uri.substr(0, uri.find_first_of("@:;>"));
}

}  // namespace pbxbridge::event
