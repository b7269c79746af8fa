#pragma once

#include <map>
#include <string>

namespace pbxbridge::sim {

struct HttpRequest {
  std::string method;
  std::string target;         ///< path and query, as they came
  std::string authorization;  ///< the header's value; empty: none
  std::string body;
};

struct HttpAnswer {
  unsigned status = 200;
  std::string body;
  std::string content_type = "application/json";
  std::map<std::string, std::string> headers;  ///< more of them
};

}  // namespace pbxbridge::sim
