#include "net/http_request.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/format.h>

#include <optional>

namespace pbxbridge::net {

namespace {

namespace http = boost::beast::http;

constexpr std::uint32_t longest_header = 16 * 1024;
constexpr std::chrono::milliseconds longest_step{100};
constexpr int most_interim_answers = 10;
constexpr unsigned switching_protocols = 101;

std::string text_of(const HttpRequest& request) {
  std::string text = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: pbxbridge\r\nConnection: close\r\n",
                                 request.method, request.target, request.authority);
  if (request.method != "GET") text += fmt::format("Content-Length: {}\r\n", request.body.size());
  for (const auto& [name, value] : request.headers) text += fmt::format("{}: {}\r\n", name, value);
  return text + "\r\n" + request.body;
}

}  // namespace

class HttpExchange::Connection final : public StreamListener, public std::enable_shared_from_this<Connection> {
 public:
  Connection(boost::asio::any_io_executor executor, const HttpRequest& request,
             std::function<void(Result<HttpAnswer>)> done)
      : executor_(std::move(executor)),
        text_(text_of(request)),
        answer_size_max_(request.answer_size_max),
        done_(std::move(done)) {
    expect_answer();
    stream_ = open_stream(executor_, request.server, *this);
  }

  void abandon() {
    done_ = nullptr;
    stream_->abort();
  }
  void time_out(std::chrono::milliseconds limit) {
    end(Error{ErrorCategory::network, fmt::format("no answer within {} ms ({})", limit.count(), phase_)});
  }

  void on_progress(std::string phase) override { phase_ = std::move(phase); }
  void on_open() override {
    phase_ = "waiting for the answer";
    stream_->write(text_);
  }
  std::size_t on_bytes(std::string_view bytes) override {
    std::size_t taken = 0;
    while (done_ && !is_ended_ && taken < bytes.size()) {
      boost::system::error_code error;
      const std::size_t size = parser_->put(boost::asio::buffer(bytes.data() + taken, bytes.size() - taken), error);
      taken += size;
      if (error == http::error::need_more) break;
      if (error == http::error::body_limit)
        return end(Error{ErrorCategory::network, "its answer is too large"}), bytes.size();
      if (error) return end(Error{ErrorCategory::network, "its answer is not HTTP: " + error.message()}), bytes.size();
      if (parser_->is_done()) take_answer();
    }
    return done_ && !is_ended_ ? taken : bytes.size();
  }
  void on_written() override {}
  void on_closed(const Error& error) override {
    boost::system::error_code incomplete;
    if (parser_->got_some()) parser_->put_eof(incomplete);
    if (parser_->is_done())
      take_answer();
    else
      end(error);
  }

 private:
  void expect_answer() {
    parser_.emplace();
    parser_->body_limit(answer_size_max_);
    parser_->header_limit(longest_header);
    parser_->eager(true);
  }
  /// The final one comes after any number of interim ones (RFC 9110, 15.2); this takes a few.
  void take_answer() {
    const unsigned status = parser_->get().result_int();
    if (status >= 200) return end(HttpAnswer{status, std::move(parser_->get().body())});
    if (status < 100 || status == switching_protocols)
      return end(Error{ErrorCategory::network, fmt::format("it answered with HTTP status {}", status)});
    if (++interim_answers_ > most_interim_answers)
      return end(Error{ErrorCategory::network,
                       fmt::format("it sent {} interim answers, the last with HTTP status {}, and no final one",
                                   interim_answers_, status)});
    expect_answer();
  }
  /// In a turn of its own: who is called may destroy the exchange.
  void end(Result<HttpAnswer> result) {
    if (!done_ || std::exchange(is_ended_, true)) return;
    boost::asio::post(executor_, [self = shared_from_this(), result = std::move(result)]() mutable {
      if (const auto done = std::exchange(self->done_, nullptr)) done(std::move(result));
    });
  }

  boost::asio::any_io_executor executor_;
  const std::string text_;
  const std::size_t answer_size_max_;
  std::function<void(Result<HttpAnswer>)> done_;
  bool is_ended_ = false;
  std::optional<http::response_parser<http::string_body>> parser_;  // for the next answer
  int interim_answers_ = 0;
  std::shared_ptr<Stream> stream_;
  std::string phase_ = "connecting";
};

HttpExchange::HttpExchange(const boost::asio::any_io_executor& executor, const HttpRequest& request,
                           std::chrono::milliseconds limit, std::function<void(Result<HttpAnswer>)> done)
    : connection_(std::make_shared<Connection>(executor, request, std::move(done))), limit_timer_(executor) {
  limit_timer_.after(limit, [this, limit] { connection_->time_out(limit); });
}

HttpExchange::~HttpExchange() { connection_->abandon(); }

Result<HttpAnswer> exchange(const HttpRequest& request, std::chrono::milliseconds limit,
                            const std::function<bool()>& stopping) {
  boost::asio::io_context io;
  const auto look_ups = boost::asio::make_work_guard(io);  // running in threads of their own
  std::optional<Result<HttpAnswer>> result;
  const HttpExchange attempt(io.get_executor(), request, limit,
                             [&](Result<HttpAnswer> answer) { result = std::move(answer); });
  while (!result && !stopping()) {
    io.restart();
    io.run_one_for(longest_step);
  }
  if (result) return std::move(*result);
  return Error{ErrorCategory::network, "it was given up"};
}

}  // namespace pbxbridge::net
