#include "url/loopback.hpp"

#include "text/ascii.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string>

namespace pbxbridge::url {

bool is_loopback(std::string_view host) {
  std::string name = text::lower_case(host);
  in_addr v4{};
  if (inet_pton(AF_INET, name.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6{};
  if (inet_pton(AF_INET6, name.c_str(), &v6) == 1)
    return IN6_IS_ADDR_LOOPBACK(&v6) || (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == 127);
  if (name.ends_with('.')) name.pop_back();
  return name == "localhost" || name.ends_with(".localhost");
}

}  // namespace pbxbridge::url
