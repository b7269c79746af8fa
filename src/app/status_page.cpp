#include "app/status_page.hpp"

#include "page/assets.hpp"
#include "page/page.hpp"

#include <chrono>
#include <string>
#include <utility>

namespace pbxbridge::app {

namespace {

constexpr std::chrono::seconds page_interval{1};
/// Rate for all who look at the page together: as many as people can read.
constexpr std::uint32_t events_a_second = 10;

}  // namespace

StatusPage::StatusPage(boost::asio::io_context& io, const StatusBoard& board, tap::Taps& taps)
    : board_(board), taps_(taps), timer_(io.get_executor()), feed_(std::make_shared<admin::Feed>([this] {
        return std::make_shared<const std::string>(history_.history_event() + history_.status_event(board_.snapshot()));
      })) {}

std::optional<admin::Response> StatusPage::respond(std::string_view path) const {
  if (path == "/")
    return admin::Response{200, "text/html; charset=utf-8", page::page(board_.snapshot(), board_.configuration_text())};
  if (path == "/configuration") return admin::Response{200, "text/plain; charset=utf-8", board_.configuration_text()};
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
  if (feed_->size() > 0)
    publish();
  else
    end_tap();
  timer_.after(page_interval, [this] { look(); });
}

void StatusPage::publish() {
  if (!tap_) {
    tap_ = std::make_shared<tap::Tap>(tap::Tap::Settings{.filter = {}, .rate = events_a_second});
    taps_.add(tap_);
  }
  const std::string moments = tap_->take_text(std::chrono::steady_clock::now(), std::chrono::system_clock::now());
  feed_->publish(std::make_shared<const std::string>(history_.status_event(board_.snapshot()) +
                                                     page::events_event(++pieces_, moments)));
}

void StatusPage::end_tap() {
  if (tap_) taps_.remove(std::exchange(tap_, nullptr));
}

}  // namespace pbxbridge::app
