#pragma once

#include "pbxbridge/error.hpp"
#include "route/match.hpp"
#include "tap/examined_event.hpp"
#include "tap/tap_request.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::tap {

/// Names of the running configuration, which a filter may use.
struct KnownNames {
  std::vector<std::string_view> pbxs;
  std::vector<std::string_view> sinks;
  std::size_t routes = 0;
};

/// Decides which events, and which of their destinations, are shown: all of them where it was not compiled. Pure.
class Filter {
 public:
  /// An error where it names what does not exist; `warnings`: what it probably did not mean.
  static Result<Filter> compile(const TapRequest& request, const KnownNames& names, std::vector<std::string>& warnings);

  bool takes(ExaminedEvent& event) const;
  bool takes(const Destination& destination) const;
  /// Returns whether it takes every destination.
  bool takes_all_destinations() const { return sinks_.empty() && routes_.empty(); }

 private:
  route::Match match_;
  std::vector<std::string> sinks_;
  std::vector<std::size_t> routes_;
};

}  // namespace pbxbridge::tap
