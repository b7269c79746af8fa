#include "pbx/rest_client.hpp"

#include <algorithm>
#include <utility>

namespace pbxbridge::pbx {

namespace {

using std::chrono::milliseconds;

constexpr int attempts_max = 3;
constexpr milliseconds retry_min{500};
constexpr milliseconds retry_max{10'000};

}  // namespace

RestClient::RestClient(boost::asio::io_context& io, const config::PbxConfig& pbx)
    : io_(io),
      pbx_(pbx),
      endpoint_(url::parse_endpoint(pbx.rest->url.value).value()),
      retry_backoff_(retry_min, retry_max),
      rejection_backoff_(pbx.auth_retry.initial, pbx.auth_retry.maximum),
      retry_timer_(io.get_executor()) {}

void RestClient::ask(RestList list, Done done) {
  const bool is_under_way = !asked_.empty() && asked_.front().list == list;
  std::erase_if(asked_, [list](const Asked& asked) { return asked.list == list; });
  asked_.push_back({list, std::move(done)});
  if (is_under_way || asked_.size() == 1) start();
}

void RestClient::start() {
  exchange_.reset();
  question_.reset();
  attempts_ = 0;
  retry_backoff_.reset();
  retry_timer_.after(milliseconds(0), [this] { begin(); });
}

void RestClient::begin() {
  if (rejection() && Clock::now() < rejection()->until) return finish(rejection()->error);
  ++attempts_;
  deadline_ = Clock::now() + attempt_time;
  const auto& rest = *pbx_.rest;
  auto password = (rest.username.empty() ? pbx_.auth.password : rest.password).read();
  if (!password) return fail({ErrorCategory::rejected, password.error().text});
  question_.emplace(asked_.front().list, RestAccount{rest.username.empty() ? pbx_.auth.username : rest.username,
                                                     std::move(*password), pbx_.auth.domain});
  send();
}

void RestClient::send() {
  const auto request = question_->next();
  const auto left = std::chrono::floor<milliseconds>(deadline_ - Clock::now());
  if (left <= milliseconds(0)) return fail({ErrorCategory::network, "the list takes too long"});
  const bool uses_tls = endpoint_.scheme == "https";
  const std::uint16_t default_port = uses_tls ? 443 : 80;
  const std::string_view path = endpoint_.target;
  exchange_.emplace(
      io_.get_executor(),
      net::HttpRequest{.method = request.method,
                       .server = {.host = endpoint_.host,
                                  .port = endpoint_.port != 0 ? endpoint_.port : default_port,
                                  .uses_tls = uses_tls,
                                  .tls = pbx_.tls,
                                  .connect_timeout = pbx_.connect_timeout},
                       .authority = url::authority(endpoint_),
                       .target = std::string(path.substr(0, path.find_last_not_of('/') + 1)) + request.target,
                       .headers = request.headers,
                       .body = request.body,
                       .answer_size_max = RestQuestion::answer_size_max},
      std::min(pbx_.connect_timeout, left), [this](Result<net::HttpAnswer> answer) { take(std::move(answer)); });
}

void RestClient::take(Result<net::HttpAnswer> answer) {
  if (!answer) return fail(answer.error());
  auto result = question_->take(*answer);
  if (!result) return send();
  if (!*result) return fail(result->error());
  rejection().reset();
  rejection_backoff_.reset();
  finish(std::move(*result));
}

void RestClient::fail(Error error) {
  if (error.category == ErrorCategory::rejected)
    note_rejection(error);
  else if (attempts_ < attempts_max)
    return retry_timer_.after(retry_backoff_.next(), [this] { begin(); });
  finish(std::move(error));
}

/// An account that may log in may still not have every list.
void RestClient::note_rejection(const Error& error) {
  const Rejection rejected{error, Clock::now() + rejection_backoff_.next()};
  if (question_ && question_->has_logged_in())
    rejection() = rejected;
  else
    rejections_.fill(rejected);
}

void RestClient::finish(Result<ListedNames> result) {
  question_.reset();  // it has the password
  exchange_.reset();
  const Done done = std::move(asked_.front().done);
  asked_.pop_front();
  if (!asked_.empty()) start();
  done(std::move(result));
}

}  // namespace pbxbridge::pbx
