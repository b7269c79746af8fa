#include "cli/running_bridge.hpp"

#include "admin/listen_address.hpp"
#include "config/load.hpp"

#include <chrono>
#include <span>
#include <utility>

namespace pbxbridge::cli {

namespace {

constexpr std::chrono::seconds patience{5};

}  // namespace

Result<admin::HttpAnswer> RunningBridge::ask(const std::string& target) const {
  const config::AdminConfig admin = config::load_config(configuration_file_, std::span<const SinkType>()).config.admin;
  if (address_.empty() && admin.listen.empty())
    return Error{ErrorCategory::configuration, "admin.listen is empty, so that nothing can be asked"};
  std::string token;
  if (admin.token.is_set()) {
    auto read = admin.token.read();
    if (!read) return read.error();
    token = std::move(*read);
  }
  return admin::http_get(address_.empty() ? admin::local_address(admin.listen) : address_, target, token, patience);
}

Result<std::string> RunningBridge::status() const {
  auto answer = ask("/status");
  if (!answer) return answer.error();
  if (answer->status != 200)
    return Error{ErrorCategory::rejected,
                 "it answers with status " + std::to_string(answer->status) + ": " + answer->body};
  return std::move(answer->body);
}

}  // namespace pbxbridge::cli
