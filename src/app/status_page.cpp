#include "app/status_page.hpp"

#include "page/assets.hpp"
#include "page/page.hpp"

#include <chrono>
#include <string>

namespace pbxbridge::app {

namespace {

constexpr std::chrono::seconds interval{1};

}  // namespace

StatusPage::StatusPage(boost::asio::io_context& io, const StatusBoard& board)
    : board_(board), timer_(io.get_executor()), feed_(std::make_shared<admin::Feed>([this] {
        return std::make_shared<const std::string>(history_.history_event() + history_.status_event(board_.snapshot()));
      })) {}

std::optional<admin::Response> StatusPage::respond(std::string_view path) const {
  if (path == "/") return admin::Response{200, "text/html; charset=utf-8", page::page(board_.snapshot())};
  if (path == "/events") {
    admin::Response response{200, "text/event-stream", ""};
    response.feed = feed_;
    return response;
  }
  if (!path.starts_with("/")) return std::nullopt;
  if (const auto asset = page::find_asset(path.substr(1)))
    return admin::Response{200, std::string(asset->content_type), std::string(asset->content)};
  return std::nullopt;
}

void StatusPage::look() {
  history_.add(std::chrono::system_clock::now(), board_.chart_points());
  if (feed_->size() > 0) feed_->publish(std::make_shared<const std::string>(history_.status_event(board_.snapshot())));
  timer_.after(interval, [this] { look(); });
}

}  // namespace pbxbridge::app
