const App = () => <h1>Orchard</h1>

export default App
