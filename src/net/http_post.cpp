#include "net/http_post.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/format.h>

#include <optional>

namespace pbxbridge::net {

namespace {

namespace http = boost::beast::http;
using Clock = std::chrono::steady_clock;

constexpr std::uint64_t longest_body = 64 * 1024;
constexpr std::uint32_t longest_header = 16 * 1024;
constexpr std::chrono::milliseconds longest_step{100};

std::string text_of(const HttpPost& request) {
  std::string text = fmt::format(
      "POST {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: pbxbridge\r\nConnection: close\r\nContent-Length: {}\r\n",
      request.target, request.authority, request.body.size());
  for (const auto& [name, value] : request.headers) text += fmt::format("{}: {}\r\n", name, value);
  return text + "\r\n" + request.body;
}

class Exchange final : public StreamListener {
 public:
  Exchange(boost::asio::io_context& io, const HttpPost& request) : text_(text_of(request)) {
    parser_.body_limit(longest_body);
    parser_.header_limit(longest_header);
    parser_.eager(true);
    stream_ = open_stream(io.get_executor(), request.server, *this);
  }
  ~Exchange() { stream_->abort(); }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  const std::optional<Result<HttpAnswer>>& result() const { return result_; }
  const std::string& phase() const { return phase_; }

  void on_progress(std::string phase) override { phase_ = std::move(phase); }
  void on_open() override {
    phase_ = "waiting for the answer";
    stream_->write(text_);
  }
  std::size_t on_bytes(std::string_view bytes) override {
    std::size_t taken = 0;
    while (!result_ && taken < bytes.size()) {
      boost::system::error_code error;
      const std::size_t size = parser_.put(boost::asio::buffer(bytes.data() + taken, bytes.size() - taken), error);
      taken += size;
      if (error == http::error::need_more) break;
      if (error) return fail("its answer is no HTTP: " + error.message()), bytes.size();
      if (parser_.is_done()) finish();
    }
    return taken;
  }
  void on_written() override {}
  void on_closed(const Error& error) override {
    if (result_) return;
    boost::system::error_code incomplete;
    if (parser_.got_some()) parser_.put_eof(incomplete);
    if (parser_.is_done())
      finish();
    else
      result_ = error;
  }

 private:
  void finish() { result_ = HttpAnswer{parser_.get().result_int(), std::move(parser_.get().body())}; }
  void fail(std::string text) { result_ = Error{ErrorCategory::network, std::move(text)}; }

  const std::string text_;
  http::response_parser<http::string_body> parser_;
  std::shared_ptr<Stream> stream_;
  std::string phase_ = "connecting";
  std::optional<Result<HttpAnswer>> result_;
};

}  // namespace

Result<HttpAnswer> post(const HttpPost& request, std::chrono::milliseconds limit,
                        const std::function<bool()>& stopping) {
  boost::asio::io_context io;
  const auto look_ups = boost::asio::make_work_guard(io);  // running in threads of their own
  const auto deadline = Clock::now() + limit;
  Exchange exchange(io, request);
  while (!exchange.result() && !stopping() && Clock::now() < deadline) {
    io.restart();
    io.run_one_for(longest_step);
  }
  if (exchange.result()) return *exchange.result();
  return Error{ErrorCategory::network, fmt::format("no answer within {} ms ({})", limit.count(), exchange.phase())};
}

}  // namespace pbxbridge::net
