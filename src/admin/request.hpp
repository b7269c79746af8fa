#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::admin {

/// One request as it came; valid for the call that it is passed to.
struct Request {
  std::string_view method;
  std::string_view target;
  std::vector<std::string_view> hosts;  ///< each `Host` header; more than one, or none, is possible
  std::string_view authorization;       ///< empty: none
  std::string_view origin;              ///< of the page whose script or form asks; empty: none
};

/// The same request by its path alone, where its target is a whole URL (RFC 9112, 3.2.2). Its host is that of the URL
/// then, whatever `Host` says.
Request in_origin_form(Request request);

}  // namespace pbxbridge::admin
