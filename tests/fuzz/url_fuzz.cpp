// URLs of the configuration.

#include "fuzz/check.hpp"
#include "url/endpoint.hpp"

#include <algorithm>

using pbxbridge::fuzz::check;
namespace url = pbxbridge::url;

namespace {

/// Characters that may be in a request line and in `Host`: visible ASCII (RFC 9110, section 5.5).
bool is_visible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char character) { return character > 0x20 && character < 0x7f; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = pbxbridge::fuzz::text_of(data, size);
  const auto endpoint = url::parse_endpoint(text);
  if (!endpoint) {
    check(!endpoint.error().text.empty(), "an error says what is wrong");
    check(endpoint.error().text.find('@') == std::string::npos, "an error does not repeat credentials");
    return 0;
  }
  check(!endpoint->scheme.empty() && !endpoint->host.empty(), "scheme and host are there");
  check(std::none_of(endpoint->scheme.begin(), endpoint->scheme.end(), [](char c) { return c >= 'A' && c <= 'Z'; }),
        "the scheme is lower case");
  check(endpoint->target.starts_with('/'), "the target begins with a slash");
  check(is_visible(endpoint->target) && is_visible(url::authority(*endpoint)),
        "nothing breaks out of a request's line");
  check(endpoint->host.find_first_of("@/?#\\") == std::string::npos, "the host is nothing but a host");

  const std::string written = endpoint->scheme + "://" + url::authority(*endpoint) + endpoint->target;
  const auto again = url::parse_endpoint(written);
  check(again && *again == *endpoint, "the URL made of the parts says the same");
  return 0;
}
