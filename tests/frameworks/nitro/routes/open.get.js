export default () => "open page";
