#include "admin/request.hpp"

#include "text/ascii.hpp"

#include <algorithm>
#include <utility>

namespace pbxbridge::admin {

namespace {

/// Returns the length of the scheme that a target begins with, in any case; 0 where it begins with none.
std::size_t scheme_length(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"})
    if (text::lower_case(target.substr(0, scheme.size())) == scheme) return scheme.size();
  return 0;
}

}  // namespace

Request in_origin_form(Request request) {
  const std::size_t begin = scheme_length(request.target);
  if (begin == 0) return request;
  const std::size_t end = std::min(request.target.find_first_of("/?#", begin), request.target.size());
  if (request.hosts.size() <= 1) request.hosts = {request.target.substr(begin, end - begin)};
  request.target = request.target.substr(end).starts_with('/') ? request.target.substr(end) : std::string_view("/");
  return request;
}

}  // namespace pbxbridge::admin
