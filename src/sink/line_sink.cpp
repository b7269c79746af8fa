#include "sink/line_sink.hpp"

#include "sink/event_line.hpp"

#include <boost/asio/steady_timer.hpp>

#include <utility>

namespace pbxbridge::sink {

namespace {

// Two batches of the writer: one is written while the next is gathered.
constexpr std::size_t most_in_flight = 1024;

}  // namespace

ComposedMessage compose_line(const Delivery& delivery, Format default_format) {
  std::string line = event_line(*delivery.event, options_of<FormatOptions>(delivery).format.value_or(default_format),
                                delivery.redelivery);
  line.pop_back();
  return {.payload = std::move(line), .headers = {}, .properties = {}, .rejected = {}};
}

struct LineSink::Closing {
  boost::asio::steady_timer deadline;
  std::function<void()> closed;
};

LineSink::LineSink(SinkContext context, Format default_format, std::unique_ptr<LineTarget> target)
    : context_(std::move(context)),
      default_format_(default_format),
      outcomes_(std::make_shared<OutcomeQueue>(
          context_.executor,
          [this](std::uint64_t token, Outcome outcome) { take_outcome(token, std::move(outcome)); })),
      self_(std::make_shared<LineSink*>(this)) {
  writer_ = std::make_shared<LineWriter>(std::move(target), outcomes_, handlers());
}

LineSink::~LineSink() { end(); }

LineWriter::Handlers LineSink::handlers() {
  // Runs `action` on the io thread, unless the sink has come to its end.
  const auto on_io_thread = [executor = context_.executor, self = self_](auto action) {
    boost::asio::post(executor, [self, action = std::move(action)]() mutable {
      if (*self != nullptr) action(**self);
    });
  };
  return {
      .opened =
          [on_io_thread](std::string detail) {
            on_io_thread([detail = std::move(detail)](LineSink& sink) mutable {
              if (!sink.closing_) sink.context_.observer.connected(std::move(detail));
            });
          },
      .failed =
          [on_io_thread](Error error) {
            on_io_thread([error = std::move(error)](LineSink& sink) mutable {
              if (sink.closing_) return sink.finish_closing();
              sink.end();
              sink.context_.observer.connection_lost(std::move(error));
            });
          },
      .notice =
          [on_io_thread](std::string text) {
            on_io_thread(
                [text = std::move(text)](LineSink& sink) mutable { sink.context_.observer.notice(std::move(text)); });
          },
      .finished = [on_io_thread] { on_io_thread([](LineSink& sink) { sink.finish_closing(); }); },
  };
}

void LineSink::connect() { writer_->start(); }

bool LineSink::deliver(const Delivery& delivery) {
  if (failing_ || in_flight_ >= most_in_flight) {
    rejected_ = true;
    return false;
  }
  ++in_flight_;
  writer_->push({delivery.token, delivery.event, options_of<FormatOptions>(delivery).format.value_or(default_format_),
                 delivery.redelivery, generation_});
  return true;
}

void LineSink::take_outcome(std::uint64_t token, Outcome outcome) {
  --in_flight_;
  if (outcome.kind == Outcome::Kind::retry) failing_ = true;
  if (failing_ && in_flight_ == 0) {
    failing_ = false;
    ++generation_;
  }
  const bool writable = !failing_ && std::exchange(rejected_, false);
  const auto self = self_;  // the observer may end this sink from within
  context_.observer.outcome(token, std::move(outcome));
  if (writable && *self != nullptr) context_.observer.writable();
}

void LineSink::close(std::chrono::milliseconds timeout, std::function<void()> closed) {
  closing_ =
      std::make_unique<Closing>(Closing{boost::asio::steady_timer(context_.executor, timeout), std::move(closed)});
  closing_->deadline.async_wait([self = self_](boost::system::error_code error) {
    if (!error && *self != nullptr) (*self)->finish_closing();
  });
  writer_->finish();
}

void LineSink::finish_closing() {
  auto closed = std::move(closing_->closed);
  end();
  closed();
}

/// Nothing is called back from here on, but for what the caller itself says.
void LineSink::end() {
  outcomes_->stop();
  writer_->abandon();
  *self_ = nullptr;
}

void LineSink::reopen() { writer_->reopen(); }

std::size_t LineSink::window() const { return most_in_flight; }

}  // namespace pbxbridge::sink
