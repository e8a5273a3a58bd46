# frozen_string_literal: true

require_relative "helper"
require "zlib"
require "tempfile"

# Whatever a server does to a connection, one error of ours comes of it, in time, and nobody else is told anything.
class TestHostile < ClientTest
  OK = "HTTP/1.1 200 OK\r\n"
  CHUNKED = "#{OK}Transfer-Encoding: chunked\r\n\r\n".freeze
  TIMEOUT_S = 0.4
  WHOLE = SmallServer.whole
  GOOD = SmallServer.answer(200, WHOLE)

  # Send this, and end the connection with a reset.
  def reset(bytes)
    lambda { |socket|
      socket.write(bytes)
      # What was sent has to leave before the reset takes it back.
      sleep 0.02
      socket.setsockopt(Socket::SOL_SOCKET, Socket::SO_LINGER, [1, 0].pack("ii"))
      socket.close
    }
  end

  def dripping(bytes, part)
    lambda { |socket|
      socket.write(bytes)
      40.times { socket.write(part) && sleep(TIMEOUT_S / 5) }
    }
  end

  def flooding(bytes, part)
    lambda { |socket|
      socket.write(bytes)
      100_000.times { socket.write(part) }
    }
  end

  def error_of(answer, kind, **settings)
    @server.answers << answer
    error = assert_raises(kind) { client(tries: 1, **settings).get_account }
    assert_includes error.message, "GET #{@server.url}/account/"
    refute_includes error.full_message, "very-secret"
    assert_instance_of kind, error
    error
  end

  def test_a_connection_that_breaks_is_one_error
    [reset(""), reset("#{OK}Conte"), reset("#{OK}Content-Length: 100\r\n\r\n{"), reset("#{CHUNKED}5\r\n{"), "#{OK}Conte", OK,
     "#{CHUNKED}2\r\n{}\r\n", "#{CHUNKED}ffffffffff\r\n{}", SmallServer.answer(200, "{}", headers: { "Content-Length" => 10**25 }),
     "HTTP/1.1 101 Hello\r\nUpgrade: x\r\n\r\n", "\0" * 1000].each { |answer| error_of(answer, Offhook::ConnectionLost) }
  end

  def test_what_is_no_http_is_one_error
    ["HTTP/1.1 abc Hello\r\n\r\n{}", "#{CHUNKED}zz\r\n{}\r\n0\r\n\r\n", "#{OK}Content-Length: two\r\n\r\n{}",
     "#{OK}Content-Length: -2\r\n\r\n{}", "#{OK}No colon here\r\nContent-Length: 2\r\n\r\n{}"].each do |answer|
      error_of(answer, Offhook::UnexpectedAnswer)
    end
  end

  def test_a_server_that_drips_is_not_listened_to_for_ever
    [["HTTP/1.1 200 ", "O"], ["", "HTTP/1.1 100 Continue\r\n\r\n"], ["#{OK}X-Long: ", "x"], ["#{OK}Content-Length: 1000000\r\n\r\n", " "],
     [CHUNKED, "1\r\n \r\n"], ["#{CHUNKED}2\r\n{}\r\n0\r\n", "X: y\r\n"]].each do |bytes, part|
      error_of(dripping(bytes, part), Offhook::TimedOut, timeout_s: TIMEOUT_S)
    end
  end

  def test_headers_that_have_no_end_are_cut_off
    [["#{OK}X-Long: ", "x" * 65_536], [OK, "X-Many: x\r\n" * 5_000], ["#{CHUNKED}2;", "x" * 65_536],
     ["", "HTTP/1.1 100 Continue\r\n\r\n" * 1_000]].each do |bytes, part|
      error = error_of(flooding(bytes, part), Offhook::UnexpectedAnswer)
      assert_includes error.message, "have no end"
    end
  end

  def test_nothing_is_unpacked
    packed = Zlib.gzip("{}")
    [packed, packed[0..-10], "no gzip"].each do |body|
      answer = SmallServer.answer(200, body.b, headers: { "Content-Encoding" => "gzip" })
      assert_includes error_of(answer, Offhook::UnexpectedAnswer).message, "compressed, which nobody asked for"
    end
    assert_equal ["identity"], @server.requests.map { |request| request.headers["accept-encoding"] }.uniq
  end

  def test_another_programs_json_is_none_of_this_api
    ["null", "[]", "{}", '{"name": "Shop", "message": "Hello."}', '{"name": NaN}', '{"name": "\ud800"}',
     '{"name": 1}'.encode("UTF-16").b].each { |body| error_of(SmallServer.answer(200, body), Offhook::UnexpectedAnswer) }
    [203, 206, 299, 302].each { |status| error_of(SmallServer.answer(status, WHOLE), Offhook::UnexpectedAnswer) }
    error_of(SmallServer.answer(302, { detail: "Moved.", code: "moved" }), Offhook::UnexpectedAnswer)
    error = error_of(SmallServer.answer(200, WHOLE.except("balance")), Offhook::UnexpectedAnswer)
    assert_includes error.message, "JSON without balance"
  end

  def test_a_list_is_one_of_documents
    [[1], [[]], [nil], [WHOLE, {}]].each do |items|
      @server.answers << SmallServer.answer(200, items)
      assert_raises(Offhook::UnexpectedAnswer) { client(tries: 1).get_subscription_list }
    end
  end

  def test_credentials_go_along_with_no_redirect
    other = SmallServer.new
    [301, 302, 303, 307, 308].each do |status|
      answer = SmallServer.answer(status, "", headers: { "Location" => "#{other.url}/stolen?token=x" })
      message = error_of(answer, Offhook::UnexpectedAnswer).message
      assert_includes message, "#{other.url}/stolen"
      refute_includes message, "token=x"
    end
    assert_empty other.requests
  ensure
    other.close
  end

  def test_the_next_page_is_asked_for_at_home
    other = SmallServer.new
    link = { "Link" => "<#{other.url}/steal?after=1>; rel=\"next\"" }
    @server.answers.push(SmallServer.answer(200, [WHOLE], headers: link), SmallServer.answer(200, [WHOLE]))
    assert_equal 2, client.get_din_list.count
    assert_equal ["/voice/dins/", "/voice/dins/?after=1"], @server.requests.map(&:target)
    assert_empty other.requests
  ensure
    other.close
  end

  def test_pages_that_go_round_in_a_circle_come_to_an_end
    %w[a b a b a].each { |name| @server.answers << SmallServer.answer(200, [], headers: { "Link" => "<?after=#{name}>; rel=next" }) }
    assert_raises(Offhook::UnexpectedAnswer) { client.get_din_list.to_a }
    assert_equal 3, @server.requests.size
  end

  def test_when_to_come_back_may_be_said_in_any_way
    soon = ->(wait_s) { wait_s && wait_s > 3000 && wait_s < 3601 }
    late = ->(wait_s) { wait_s && wait_s > 100_000_000 }
    { "7" => 7, "0" => 0, "-5" => nil, "1.5" => nil, "soon" => nil, "" => nil, "3, 4" => nil, "9" * 400 => late,
      (Time.now + 3600).httpdate => soon, "Mon, 01 Jan 1990 00:00:00 GMT" => 0, "Fri, 31 Dec 9999 23:59:59 GMT" => late,
      "Mon, 99 Nov 2026 06:00:00 GMT" => nil }.each do |said, wanted|
      answer = SmallServer.answer(429, { detail: "Slowly." }, headers: { "Retry-After" => said })
      wait_s = error_of(answer, Offhook::Throttled).retry_after_s
      wanted.respond_to?(:call) ? assert(wanted.call(wait_s), said) : assert_equal([said, wanted], [said, wait_s])
    end
  end

  def test_what_a_server_says_is_plain_before_it_stands_in_a_message
    said = { detail: "a\e[31m\r\n\ab#{"x" * 20_000}", code: "c\nd#{"y" * 20_000}", help: "h\0" }
    error = error_of(SmallServer.answer(404, said), Offhook::NotFound)
    assert_equal ["a [31m \n b", "c dy", "h "], [error.detail[0, 10], error.code[0, 4], error.help]
    assert_operator error.message.length, :<, 11_000
    refute_match(/[\e\r\a\0]/, error.message)
    fields = { "f\e" => ["line\n  ^\u009b"] }.merge((1..1_000).to_h { |n| ["f#{n}", ["x" * 100]] })
    error = error_of(SmallServer.answer(400, fields), Offhook::BadRequest)
    assert_equal ["line\n  ^ "], error.fields["f "]
    assert_operator error.message.length, :<, 11_000
  end

  def test_no_argument_leads_elsewhere_or_adds_a_header
    @server.answers.push(*[GOOD] * 4, SmallServer.answer(200, []))
    asking = client
    ["a\r\nX-Evil: 1", "?a=b#c;%2e%2e&é\0", "../..", "a\xff"].each { |id| asking.get_call(id) }
    asking.get_din_list(contains: "1\r\nX-Evil: 1", "a\r\nX-Evil": "é&=").to_a
    assert_equal ["/voice/calls/a%0D%0AX-Evil%3A%201/", "/voice/calls/%3Fa%3Db%23c%3B%252e%252e%26%C3%A9%00/",
                  "/voice/calls/..%2F../", "/voice/calls/a%FF/",
                  "/voice/dins/?contains=1%0D%0AX-Evil%3A+1&a%0D%0AX-Evil=%C3%A9%26%3D"], @server.requests.map(&:target)
    assert(@server.requests.none? { |request| request.headers.key?("x-evil") })
  end

  def test_no_message_tells_what_was_searched_for
    @server.answers << SmallServer.answer(500, "<html>")
    error = assert_raises(Offhook::UnexpectedAnswer) { client(tries: 1).get_call_list(caller: "819012345678").to_a }
    refute_includes error.full_message, "819012345678"
  end

  def test_a_proxy_that_is_no_url_is_told
    ENV["http_proxy"] = "http://[::bad"
    elsewhere = Offhook::Client.new("http://192.0.2.1", "shop", "very-secret", tries: 1, timeout_s: TIMEOUT_S)
    assert_includes assert_raises(Offhook::NetworkError) { elsewhere.get_account }.message, "proxy"
  ensure
    ENV.delete("http_proxy")
  end

  def test_a_recording_may_take_longer
    @server.answers << lambda { |socket|
      socket.write("#{OK}Content-Type: audio/wav\r\nContent-Length: 8\r\n\r\n")
      8.times { socket.write("R") && sleep(0.05) }
    }
    assert_equal "R" * 8, client(tries: 1, timeout_s: 0.3).get_recording_audio("r1")
  end

  def test_a_base_url_that_is_none_is_refused
    ["127.0.0.1:8080", "//offhook.example", "http:offhook.example", "https://a\r\nX: y/", "https:///a", "https://a b/",
     "https://u:very-secret@a/"].each do |url|
      error = assert_raises(Offhook::InvalidArgument) { Offhook::Client.new(url, "shop", "very-secret") }
      refute_includes error.full_message, "very-secret"
    end
    @server.answers << GOOD
    Offhook::Client.new("#{@server.url}/base//", "shop", "very-secret").get_account
    assert_equal "/base/account/", @server.requests.last.target
  end

  def test_a_post_that_broke_is_sent_again_with_its_key_and_the_next_has_another
    @server.answers.push(reset("#{OK}Conte"), GOOD, reset(""), GOOD)
    connection = patient([])
    2.times { connection.post("/voice/dins/subscriptions/", { din_uid: "JP1" }, nil) }
    first, again, second, other = @server.requests.map { |request| request.headers["idempotency-key"] }
    assert_equal [first, second], [again, other]
    refute_equal first, second
  end
end
